import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { makeDeck } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const home = join(folder, 'export')
beforeEach(() => {
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
})

const FORMATS = {
  csv: 'question,answer,tags,difficulty_level,accepted_answers,external_id\nperro,dog,animals pets,easy,hound,k1\n"a ""b"", c","d\ne",,,,\n',
  tsv: 'question\tanswer\ttags\tdifficulty_level\taccepted_answers\texternal_id\nperro\tdog\tanimals pets\teasy\thound\tk1\n"a ""b"", c"\t"d\ne"\t\t\t\t\n',
  json: '[\n{"question":"perro","answer":"dog","tags":["animals","pets"],"difficulty_level":"easy","accepted_answers":["hound"],"external_id":"k1"},\n{"question":"a \\"b\\", c","answer":"d\\ne","tags":[],"difficulty_level":null,"accepted_answers":[],"external_id":null}\n]\n',
  jsonl:
    '{"question":"perro","answer":"dog","tags":["animals","pets"],"difficulty_level":"easy","accepted_answers":["hound"],"external_id":"k1"}\n{"question":"a \\"b\\", c","answer":"d\\ne","tags":[],"difficulty_level":null,"accepted_answers":[],"external_id":null}\n',
}
const formats = Object.entries(FORMATS)

async function fill(): Promise<void> {
  await makeDeck('Spanish', { perro: 'dog', 'a "b", c': 'd\ne' })
  await sql`update cards set tags = '{animals,pets}', difficulty_level = 'easy', accepted_answers = '{hound}', external_id = 'k1' where question = 'perro'`
}

test.each(formats)('%s, in the order of the deck', async (format, content) => {
  await fill()
  expect(await rote(`deck export Spanish --format ${format}`)).toMatchObject({
    code: 0,
    stdout: content,
    stderr: '',
  })
})

test.each(formats)(
  'what is exported as %s imports as nothing new, and elsewhere as the same',
  async (format) => {
    await fill()
    const path = join(home, `deck.${format}`)
    expect(await rote(['deck', 'export', 'Spanish', '-o', path])).toMatchObject({
      code: 0,
      stdout: `${path}\n`,
      stderr: '',
    })
    expect(readFileSync(path, 'utf8')).toBe(FORMATS[format as keyof typeof FORMATS])
    const rows = await sql`select * from cards order by position`
    for (const policy of ['skip', 'update']) {
      const again = await rote([
        'deck',
        'import',
        path,
        '--deck',
        'Spanish',
        '--json',
        '--on-duplicate',
        policy,
      ])
      expect(again.json()).toMatchObject({ added: 0, updated: 0, unchanged: 2, skipped: 0 })
    }
    expect(await sql`select * from cards order by position`).toEqual(rows)
    await did(['deck', 'import', path, '--deck', 'Copy'])
    expect(await did(`deck export Copy --format ${format}`)).toBe(
      FORMATS[format as keyof typeof FORMATS].trimEnd(),
    )
  },
)

test('cards in the trash stay there, and an empty deck is a file without cards', async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  await did(`card delete ${cards[0]?.card_id}`)
  expect((await rote('deck export Spanish')).stdout).toBe('')
  expect((await rote('deck export Spanish --format json')).stdout).toBe('[]\n')
})

test('more cards than a page come in their order, each once', async () => {
  const { deck_id } = await makeDeck('Many')
  await sql`insert into cards (deck_id, question, answer) select ${deck_id}, 'q' || n, 'a' from generate_series(1, 2345) n`
  const lines = (await did('deck export Many')).split('\n').map((line) => JSON.parse(line).question)
  expect(lines).toEqual(Array.from({ length: 2345 }, (_, i) => `q${i + 1}`))
})

test('a file that is there is replaced only with --yes', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  const path = join(home, 'mine.jsonl')
  writeFileSync(path, 'mine')
  expect(await rote(['deck', 'export', 'Spanish', '-o', path])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `There is no terminal to ask in: Replace ${path}?\nAdd --yes to go ahead.\n`,
  })
  expect(readFileSync(path, 'utf8')).toBe('mine')
  await did(['deck', 'export', 'Spanish', '-o', path, '--yes'])
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ question: 'perro' })
  expect(readdirSync(home)).toEqual(['mine.jsonl'])
})

test('a symbolic link stays one, and a file keeps its mode', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  const [path, link, ahead] = [join(home, 'mine.jsonl'), join(home, 'link.jsonl'), join(home, 'ahead.jsonl')]
  writeFileSync(path, 'mine')
  chmodSync(path, 0o666)
  symlinkSync('mine.jsonl', link)
  symlinkSync(join(home, 'new.jsonl'), ahead)
  await did(['deck', 'export', 'Spanish', '-o', link, '--yes'])
  await did(['deck', 'export', 'Spanish', '-o', ahead])
  expect(readdirSync(home).sort()).toEqual(['ahead.jsonl', 'link.jsonl', 'mine.jsonl', 'new.jsonl'])
  for (const each of [link, ahead]) expect(lstatSync(each).isSymbolicLink()).toBe(true)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ question: 'perro' })
  expect(statSync(path).mode & 0o777).toBe(0o666)
  expect(statSync(join(home, 'new.jsonl')).mode & 0o777).toBe(0o666 & ~process.umask())
  expect(readFileSync(join(home, 'new.jsonl'), 'utf8')).toBe(readFileSync(path, 'utf8'))
})

test('a pipe and a device are written into, without a question', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  const pipe = join(home, 'pipe')
  execFileSync('sh', ['-c', 'mkfifo "$0"', pipe])
  const [content] = await Promise.all([
    readFile(pipe, 'utf8'),
    did(['deck', 'export', 'Spanish', '-o', pipe, '--format', 'jsonl']),
  ])
  expect(JSON.parse(content)).toMatchObject({ question: 'perro' })
  expect(statSync(pipe).isFIFO()).toBe(true)
  await did('deck export Spanish -o /dev/null --format csv')
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  expect(readdirSync(home)).toEqual(['pipe'])
})

test.runIf(existsSync('/dev/full'))('a full disk', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  expect(await rote('deck export Spanish -o /dev/full --format csv')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'Cannot write /dev/full: the disk is full.\n',
  })
})

test('where nothing can be written', async () => {
  await makeDeck('Spanish', { perro: 'dog' })
  expect(await rote(['deck', 'export', 'Spanish', '-o', home])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `${home} is a folder, not a file.\n`,
  })
  const path = join(home, 'none', 'deck.csv')
  expect(await rote(['deck', 'export', 'Spanish', '-o', path])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `Cannot write ${path}: there is no such folder.\n`,
  })
  expect(existsSync(path)).toBe(false)
  expect(await rote('deck export Spanish --format docx')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('It must be csv, tsv, anki-text, json, jsonl, hashcards or apkg.'),
  })
})

test('in a terminal no control character of a card is obeyed', async () => {
  await makeDeck('Traps', { '\x9b31mred': '\x1b[31mred' })
  const { stdout } = await rote('deck export Traps --format csv', { tty: true })
  expect(stdout.split('\n')[1]).toBe('�31mred,␛[31mred,,,,')
})

test('into a file: a sentence for a person, the whole report under --json', async () => {
  await fill()
  const path = join(home, 'report.csv')
  const total = (await sql`select from cards`).length
  expect((await rote(['deck', 'export', 'Spanish', '-o', path], { tty: true })).stdout).toBe(
    `Wrote ${total} cards of "Spanish" to ${path}.\n`,
  )
  const again = await rote(['deck', 'export', 'Spanish', '-o', path, '--yes', '--json'])
  expect(again.json()).toMatchObject({ name: 'Spanish', file: path, format: 'csv', cards: total })
})

test('--json without a format exports json', async () => {
  await fill()
  expect((await rote('deck export Spanish --json')).stdout).toBe(FORMATS.json)
})
