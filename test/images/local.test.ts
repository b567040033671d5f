import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localStore } from '../../src/images/local.ts'
import { PNG } from '../support/images.ts'

const { signal } = new AbortController()
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rote-media-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const files = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

test('what is put is there once, under its hash, for nobody else to read', async () => {
  const store = localStore(join(home, 'media'))
  const address = await store.put(PNG, 'png', signal)
  const [, name = ''] = /^media:([0-9a-f]{64}\.png)$/.exec(address) ?? []
  expect(await store.put(PNG, 'png', signal)).toBe(address)
  const path = join(home, 'media', name.slice(0, 2), name)
  expect(files()).toEqual([path])
  expect(readFileSync(path).equals(PNG)).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(Buffer.from(await store.get(address, signal)).equals(PNG)).toBe(true)
})

test('two at once leave one file and nothing half written', async () => {
  const store = localStore(home)
  const addresses = await Promise.all(Array.from({ length: 8 }, () => store.put(PNG, 'png', signal)))
  expect(new Set(addresses).size).toBe(1)
  expect(files()).toHaveLength(1)
})

test.each(['media:../../etc/passwd', 'media:..', `media:${'a'.repeat(64)}.png/../../x`, 'media:'])(
  'an address that leaves the folder is none: %s',
  async (address) => {
    await expect(localStore(home).get(address, signal)).rejects.toMatchObject({ kind: 'not_found' })
  },
)

test('one that is not there is said, with its place', async () => {
  const name = `${'ab'.repeat(32)}.png`
  await expect(localStore(home).get(`media:${name}`, signal)).rejects.toMatchObject({
    kind: 'not_found',
    hint: `It would be ${join(home, 'ab', name)}`,
  })
})

test('a folder that cannot be made is said', async () => {
  const file = join(home, 'file')
  writeFileSync(file, '')
  await expect(localStore(file).put(PNG, 'png', signal)).rejects.toMatchObject({ kind: 'failure' })
})
