import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { at, processesOf, rote, run } from './support.ts'
import { Home, ROTE } from './terminal.ts'

// A password and a token, as the rest of the machine can see them.

const PASSWORD = 'correct horse battery'

let home: Home

beforeAll(() => {
  home = new Home()
  home.rote('user', 'create', 'ada')
})
afterAll(() => home.close())

test('a prompt shows nothing of a password, neither does the list of processes, and the login is for its owner only', async () => {
  const set = home.terminal(['user', 'password'])
  await set.shows('The new password of ada:')
  set.type(`${PASSWORD}\r`)
  await set.shows('Once more:')
  set.type(`${PASSWORD}\r`)
  expect(await set.ended()).toBe(0)
  expect(set.screen()).toContain('From now on log in: rote login ada')
  expect(home.rote('deck', 'list').status).toBe(6)

  const login = home.terminal(['login', 'ada'])
  await login.shows('The password of ada:')
  login.type(PASSWORD)
  expect(processesOf(PASSWORD)).toEqual([])
  expect(processesOf('login ada').length).toBeGreaterThan(0)
  login.type('\r')
  expect(await login.ended()).toBe(0)
  expect(login.screen()).toContain('You are ada now, until ')
  for (const session of [set, login])
    for (const part of [PASSWORD, 'corr', 'battery']) expect(session.raw).not.toContain(part)

  const path = join(home.folder, 'logins', 'embedded.json')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(home.folder, 'logins')).mode & 0o777).toBe(0o700)
  const { token } = JSON.parse(readFileSync(path, 'utf8'))
  expect(login.raw).not.toContain(token)
  expect(home.rote('whoami', '--json').stdout).toContain('"how": "login"')
})

test.each(['\x03', '\x04'])('%j at the prompt logs nobody in', async (key) => {
  home.rote('logout')
  const login = home.terminal(['login', 'ada'])
  await login.shows('The password of ada:')
  login.type(key)
  expect(await login.ended()).toBe(130)
  expect(home.rote('whoami').status).toBe(6)
})

test('a password comes through a pipe or a named one', async () => {
  const piped = await rote(home.folder, ['login', 'ada', '--password-stdin'], `${PASSWORD}\n`)
  expect(piped).toMatchObject({ code: 0, stderr: '' })
  home.rote('logout')
  const line = `"${process.execPath}" "${ROTE}" login ada --password-file <(echo "$SECRET")`
  const { ended } = run('bash', ['-c', line], at(home.folder, { SECRET: PASSWORD }))
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
  home.rote('logout')
})
