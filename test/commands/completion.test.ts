import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Argument, Command, Option } from 'commander'
import { describe, expect, test } from 'vitest'
import { loadedProgram } from '../../src/commands/program.ts'
import { valueName, valuesOf } from '../../src/complete/line.ts'
import { takes } from '../../src/complete/names.ts'
import type { Run } from '../../src/context.ts'
import { makeDeck, makeJob, makeUser, share } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

/** What completes a line, split at spaces; the last word is the one at the cursor. Only the values. */
async function completed(line: string, options: Parameters<typeof rote>[1] = {}): Promise<string[]> {
  const [kind, ...rest] = (await answer(line.split(' '), options)).split('\n')
  expect(kind).toBe('words')
  return rest.map((candidate) => candidate.split('\t')[0] ?? '')
}

async function answer(words: string[], options: Parameters<typeof rote>[1] = {}): Promise<string> {
  const { code, stdout, stderr } = await rote(
    ['-q', 'completion', 'zsh', '--answer', '--', ...words],
    options,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trimEnd()
}

describe('the commands', () => {
  test.each<[line: string, candidates: string[]]>([
    ['de', ['deck']],
    ['deck ', ['create', 'list', 'ls', 'view', 'edit', 'delete', 'rm', 'copy', 'import', 'export']],
    ['deck l', ['list', 'ls']],
    ['DE', ['deck']],
    ['help deck cr', ['create']],
    ['deck --de', ['--debug']],
    [
      'deck create --',
      [
        '--description',
        '--help',
        '--version',
        '--json',
        '--quiet',
        '--user',
        '--database-url',
        '--yes',
        '--no-color',
        '--debug',
      ],
    ],
    ['deck create --json --j', []],
    ['deck export Spanish -', expect.arrayContaining(['--format', '--output', '-o', '-h']) as never],
    ['due ', expect.arrayContaining(['--count']) as never],
    ['study --order ', ['risk', 'due', 'added', 'random']],
    ['study --order=r', ['--order=risk', '--order=random']],
    ['card edit 3f9a --difficulty ', ['easy', 'medium', 'hard', 'none']],
    ['deck import x.csv --on-duplicate u', ['update']],
    ['study grade 3f9a ', ['again', 'almost', 'got_it']],
    ['generate --count a', ['auto', 'all']],
    ['config set new', ['new_per_day']],
    ['--json deck li', ['list']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['deck create ', []],
    ['nothing such ', []],
    ['study undo --cr', []],
  ])('rote %s', async (line, candidates) => {
    expect(await completed(line)).toEqual(candidates)
  })

  test('each comes with what it is', async () => {
    expect(await answer(['deck', 'cr'])).toBe('words\ncreate\tmake a deck')
    expect(await answer(['deck', 'edit', 'x', '--n'])).toBe(
      'words\n--name\tits new name\n--no-color\tno colours',
    )
  })

  test.each(['deck import ', 'deck export Spanish -o ', 'generate lect', 'generate --password-file='])(
    'rote %s takes a file: those are the shell’s to complete',
    async (line) => {
      expect(await answer(line.split(' '))).toBe('files')
    },
  )
})

describe('names', () => {
  test('decks: one’s own, and those of others by their owner', async () => {
    await makeDeck('Spanish')
    await makeDeck('Spain')
    const { deck_id } = await makeDeck('Botany', {}, 'bert')
    await makeDeck('Secret', {}, 'bert')
    await share(deck_id, 'ada', 'view')
    const options = { env: {} }
    expect(await completed('--user ada deck view ', options)).toEqual(['Spain', 'Spanish', 'bert/Botany'])
    expect(await completed('--user ada deck view bert/', options)).toEqual(['bert/Botany'])
    expect(await completed('--user ada deck view sp', options)).toEqual(['Spain', 'Spanish'])
    expect(await completed('--user ada study Spain ', options)).toEqual(expect.arrayContaining(['Spanish']))
    expect(await completed('--user ada study Spain Sp', options)).toEqual(['Spanish'])
    expect(await completed('--user ada playlist add Sp --after=Spani', options)).toEqual(['--after=Spanish'])
    expect(await completed('--user ada due Se', options)).toEqual([])
    expect(await completed('--user ada deck view Secr', options)).toEqual([])
    expect(await completed('deck view S', options)).toEqual([])
  })

  test('what is in the trash is not there', async () => {
    await makeDeck('Spanish', { perro: 'dog' })
    await did('deck delete Spanish --yes')
    expect(await completed('deck view ')).toEqual([])
    expect(await completed('card view ')).toEqual([])
  })

  test('a name that would be an option or a verb is written otherwise', async () => {
    const { deck_id } = await makeDeck('next')
    await sql`insert into decks (user_id, name) select user_id, '-x' from decks where deck_id = ${deck_id}`
    expect(await completed('study ')).toEqual(expect.arrayContaining(['next', 'ada/next', 'ada/-x']))
    expect(await completed('deck view ')).toEqual(['ada/-x', 'next'])
    expect(await completed('deck view -- -')).toEqual(['-x'])
    expect(await completed('playlist add List --after ')).toEqual(['-x', 'next'])
  })

  test('names that no line can hold are left out', async () => {
    const { deck_id } = await makeDeck('fine')
    await sql`insert into decks (user_id, name) select user_id, E'two\\nlines' from decks where deck_id = ${deck_id}`
    expect(await completed('deck view ')).toEqual(['fine'])
  })

  test('playlists, jobs and users', async () => {
    const { deck_id } = await makeDeck('Spanish')
    await did('playlist create "My list" Spanish')
    const { job_id } = await makeJob({ deck_id }, [])
    await makeUser('zoe')
    await makeUser('bert')
    await share(deck_id, 'bert', 'view')
    expect(await completed('--user ada playlist view ')).toEqual(['My list'])
    expect(await completed('--user ada study --playlist my')).toEqual(['My list'])
    expect(await answer(['--user', 'ada', 'generate', 'view', ''])).toBe(
      `words\n${job_id.slice(0, 8)}\tdone: Cells`,
    )
    expect(await completed('--user bert generate view ')).toEqual([])
    // zoe has nothing to do with ada
    expect(await answer(['-q', 'completion', 'zsh'])).not.toContain('zoe')
  })

  test('cards by the beginnings of their ids, with their questions', async () => {
    const { cards } = await makeDeck('Spanish', { 'perro\n\u001b[31m': 'dog', gato: 'cat' })
    const [perro, gato] = cards.map(({ card_id }) => card_id) as [string, string]
    expect(await answer(['card', 'view', perro.slice(0, 4)])).toBe(
      `words\n${perro.slice(0, 8)}\tperro ⏎ ␛[31m`,
    )
    expect(await completed(`card view ${gato.slice(0, 12)}`)).toEqual([gato])
    expect((await completed('card move ')).sort()).toEqual([perro, gato].map((id) => id.slice(0, 8)).sort())
    expect(await completed('card view nonsense')).toEqual([])
    // another’s card with the same beginning: the whole id is offered, and theirs is not
    const twin = `${perro.slice(0, 8)}${[...perro.slice(8)]
      .reverse()
      .join('')
      .replaceAll('-', '')
      .replace(/^(.{4})(.{4})(.{4})(.*)/, '-$1-$2-$3-$4')}`
    const { deck_id } = await makeDeck('Theirs', {}, 'bert')
    await sql`insert into cards (card_id, deck_id, question, answer) values (${twin}, ${deck_id}, 'q', 'a')`
    expect(await completed(`--user ada card view ${perro.slice(0, 8)}`)).toEqual([perro])
  })
})

describe('where nothing can be known there is silence', () => {
  const none = (name: string) => ({ env: { ROTE_HOME: join(folder, name), DATABASE_URL: undefined } })

  test('no database yet: nothing is made', async () => {
    expect(await completed('deck view ', none('unborn'))).toEqual([])
    expect(await completed('deck cr', none('unborn'))).toEqual(['create'])
    expect(existsSync(join(folder, 'unborn'))).toBe(false)
  })

  test('nobody yet: nobody is made', async () => {
    expect(await completed('deck view ')).toEqual([])
    expect(await sql`select from users`).toHaveLength(0)
  })

  test.each(['postgresql://localhost:1/none', 'nonsense', 'mysql://localhost/x'])('%s', async (url) => {
    expect(await completed('deck view ', { env: { DATABASE_URL: url } })).toEqual([])
    expect(await completed(`--database-url=${url} deck view `)).toEqual([])
  })

  test('a config file that cannot be read', async () => {
    const { env } = none('broken')
    await did('config set editor vi', { env })
    writeFileSync(join(env.ROTE_HOME, 'config.json'), '{')
    expect(await completed('deck cr', { env })).toEqual(['create'])
    expect(await completed('deck view ', { env })).toEqual([])
  })

  test('a server that does not answer is not waited for', async () => {
    const server = createServer(() => {})
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as { port: number }
    const { code, stdout, stderr } = await rote(['-q', 'completion', 'zsh', '--answer', '--', 'study', ''], {
      env: { DATABASE_URL: `postgresql://x@127.0.0.1:${port}/x` },
    })
    server.close()
    // 130 ends the process at once
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(stdout).toMatch(/^words\nnext\t/)
  })
})

describe('the scripts', () => {
  test.each(['bash', 'zsh', 'fish'])('%s says how it is installed', async (shell) => {
    const { code, stdout } = await rote(`completion ${shell}`)
    expect(code).toBe(0)
    expect(stdout).toContain(`rote completion ${shell} > `)
    expect(await rote(`completion ${shell}`, { tty: true })).toMatchObject({ stdout })
  })

  test('another shell is a mistake, and so are two', async () => {
    expect(await rote('completion tcsh')).toMatchObject({ code: 2 })
    expect(await rote('completion bash zsh')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('One shell'),
    })
    expect(await rote('completion')).toMatchObject({ code: 2 })
  })

  test('bash gets words that it can put in as they are, and descriptions only for a list', async () => {
    await makeDeck('World War I')
    await makeDeck('World War II')
    const ask = async (line: string, replaced: string, kind: string) =>
      (await rote(['-q', 'completion', 'bash', '--answer', '--', line, replaced, kind])).stdout
        .trimEnd()
        .split('\n')
    expect(await ask('rote deck view W', 'W', '9')).toEqual(['words', 'World\\ War\\ I', 'World\\ War\\ II'])
    expect(await ask('rote deck view "World W', 'World W', '9')).toEqual([
      'words',
      'World War I',
      'World War II',
    ])
    expect(await ask('rote deck l', 'l', '63')).toEqual([
      'words',
      'list  (list decks, with what is due in them)',
      'ls  (list decks, with what is due in them)',
    ])
    expect(await ask('rote deck cr', 'cr', '63')).toEqual(['words', 'create'])
  })
})

test('everybody knows what completes an argument, and the value of an option', async () => {
  const run = (() => async () => {}) as unknown as Run
  Object.assign(run, { offline: run, admin: run, anyhow: run })
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)]
  const unknown = all(await loadedProgram(() => run, {})).flatMap((command) => {
    const things = [
      ...command.registeredArguments.map((argument): [Option | Argument, string] => [
        argument,
        argument.name(),
      ]),
      ...command.options.map((option): [Option | Argument, string | null] => [option, valueName(option)]),
    ]
    return things
      .filter(([what, name]) => name !== null && valuesOf(what).length === 0 && takes(name) === null)
      .map(([, name]) => `${command.name()}: ${name}`)
  })
  // a name for src/complete/names.ts, or a closed set by oneOf
  expect(unknown).toEqual([])
})
