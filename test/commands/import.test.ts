import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDeck, makeUser, share } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

/** Writes a file for a test and gives its path. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function report(words: string[], input = ''): Promise<Record<string, unknown>> {
  const { code, stdout, stderr, json } = await rote(['deck', 'import', ...words, '--json'], { input })
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' })
  return json()
}

const cards = () => sql`select question, answer from cards order by position`

test('a file becomes a deck of its name', async () => {
  const path = file('capitals.csv', 'country,capital\n')
  writeFileSync(
    path,
    'front,back,tags,difficulty\r\nFrance,Paris,europe big,easy\r\n"Congo, the",Brazzaville,,\r\n',
  )
  expect(await rote(['deck', 'import', path])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/),
    stderr: 'Imported into "capitals": 2 added, 0 updated, 0 skipped.\n',
  })
  expect(
    await sql`select name, question, answer, tags, difficulty_level, external_id from cards join decks using (deck_id) order by position`,
  ).toEqual([
    {
      name: 'capitals',
      question: 'France',
      answer: 'Paris',
      tags: ['europe', 'big'],
      difficulty_level: 'easy',
      external_id: null,
    },
    {
      name: 'capitals',
      question: 'Congo, the',
      answer: 'Brazzaville',
      tags: [],
      difficulty_level: null,
      external_id: null,
    },
  ])
  expect(
    await sql`select source, format, added, updated, unchanged, skipped, cards.import_id = imports.import_id as noted from imports join cards using (import_id)`,
  ).toEqual(
    Array(2).fill({
      source: path,
      format: 'csv',
      added: 2,
      updated: 0,
      unchanged: 0,
      skipped: 0,
      noted: true,
    }),
  )
})

test('the report in the other modes', async () => {
  const path = file('words.csv', 'question,answer\nuno,one\ndos,two\n')
  expect(await rote(['deck', 'import', path], { tty: true })).toMatchObject({
    code: 0,
    stdout: 'Imported into "words": 2 added, 0 updated, 0 skipped.\n',
    stderr: '',
  })
  const [row] = await sql`select import_id from imports`
  expect(await rote(['deck', 'import', path], { tty: true })).toMatchObject({
    stdout: 'Imported into "words": 0 added, 0 updated, 0 skipped, 2 unchanged.\n',
  })
  expect(await report([path])).toEqual({
    import_id: null,
    added: 0,
    updated: 0,
    unchanged: 2,
    skipped: 0,
    rejected: 0,
    pruned: 0,
    attempts: 0,
    dry_run: false,
  })
  expect(await sql`select import_id from imports`).toEqual([row])
  writeFileSync(path, 'question,answer\ntres,three\n')
  const quiet = await rote(['deck', 'import', path, '-q'])
  const [latest] = await sql`select import_id from imports where import_id <> ${row?.import_id}`
  expect(quiet).toMatchObject({ code: 0, stdout: `${latest?.import_id}\n`, stderr: '' })
})

test('names of decks that differ in case alone are one deck, in a file as elsewhere', async () => {
  const path = file(
    'spanish.csv',
    'question,answer,guid,deck\na,1,k1,Spanish\nb,2,k1,SPANISH\nc,3,k2,\nc,3,k2,spanish\n',
  )
  const counts = { added: 2, skipped: 2 }
  expect(await report([path, '--dry-run'])).toMatchObject(counts)
  expect(await report([path])).toMatchObject(counts)
  expect(await report([path])).toMatchObject({ added: 0, unchanged: 2 })
  expect(await sql`select name from decks`).toEqual([{ name: 'Spanish' }])
})

test('a card without a key is itself, and not the one with a key that asks the same', async () => {
  await report(['-', '--deck', 'Twins'], '{"question":"a","answer":"1","external_id":"k"}\n')
  const attempt = { attempted_at: '2025-01-01T00:00:00Z', confidence_status: 'again' }
  const input = `${JSON.stringify({ question: 'a', answer: '1', attempts: [attempt] })}\n`
  await report(['-', '--deck', 'Twins', '--on-duplicate', 'keep', '--with-history'], input)
  const exported = await did('deck export Twins --with-history')
  expect(await report(['-', '--deck', 'Twins', '--with-history'], `${exported}\n`)).toMatchObject({
    added: 0,
    unchanged: 2,
    attempts: 0,
  })
})

test('standard input needs a deck, which is made or found', async () => {
  const input = 'uno,one\n'
  expect(await rote('deck import', { input })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'Cards from standard input need a deck.\nName it: --deck <name>\n',
  })
  expect(await report(['-', '--deck', 'Numbers'], input)).toMatchObject({ added: 1 })
  expect(await report(['--deck', 'numbers'], 'dos,two\n')).toMatchObject({ added: 1 })
  expect(await sql`select name from decks`).toEqual([{ name: 'Numbers' }])
  expect(await rote('deck import - --deck Numbers', { tty: true })).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'Nothing is piped into standard input.\nName a file, or pipe one in: … | rote deck import - --deck <name>\n',
  })
})

test.each([
  ['csv', 'uno,one\n'],
  ['semicolons', 'question;answer\nuno;one\n'],
  ['tabs', 'uno\tone\n'],
  ['json', '[{"question":"uno","answer":"one"}]'],
  ['jsonl', '{"question":"uno","answer":"one"}\n'],
  ['a byte order mark', '\ufeffterm,definition\nuno,one\n'],
])('what comes in is recognised by its content: %s', async (_, input) => {
  expect(await report(['-', '--deck', 'Numbers'], input)).toMatchObject({ added: 1 })
  expect(await cards()).toEqual([{ question: 'uno', answer: 'one' }])
})

test('--columns says which column is what, by name or number', async () => {
  const path = file('n5.csv', 'expression,reading,meaning\n犬,いぬ,dog\n')
  await report([path, '--columns', 'question=reading,answer=meaning'])
  await report(['-', '--deck', 'Numbered', '--columns', 'question=2,answer=1'], 'dog,犬,x\ncat,猫,y\n')
  expect(
    await sql`select name, question, answer from cards join decks using (deck_id) order by position`,
  ).toEqual([
    { name: 'n5', question: 'いぬ', answer: 'dog' },
    { name: 'Numbered', question: '犬', answer: 'dog' },
    { name: 'Numbered', question: '猫', answer: 'cat' },
  ])
  expect(await rote(['deck', 'import', path, '--columns', 'front=reading'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(
      '"front=reading" is not field=column, where field is one of question, answer,',
    ),
  })
})

// in the deck: uno/one, dos/two; coming in: uno again, dos with another answer, tres, and tres once more
const INCOMING = 'question,answer\nuno,one\ndos,zwei\ntres,three\ntres,drei\n'
const numbers = { uno: 'one', dos: 'two' }

test.each([
  ['skip', { added: 1, updated: 0, unchanged: 1, skipped: 2 }, { ...numbers, tres: 'three' }],
  ['update', { added: 1, updated: 1, unchanged: 1, skipped: 1 }, { uno: 'one', dos: 'zwei', tres: 'drei' }],
])('--on-duplicate %s', async (policy, counts, after) => {
  const { deck_id, cards: before } = await makeDeck('Numbers', numbers)
  const words = ['-', '--deck', 'Numbers', '--on-duplicate', policy]
  const dry = await report([...words, '--dry-run'], INCOMING)
  expect(dry).toMatchObject({ import_id: null, ...counts, rejected: 0, dry_run: true })
  expect(await sql`select from cards`).toHaveLength(2)

  const done = await report(words, INCOMING)
  expect(done).toMatchObject({ import_id: expect.any(String), ...counts, rejected: 0, dry_run: false })
  const rows =
    await sql`select card_id, question, answer from cards where deck_id = ${deck_id} order by position`
  expect(Object.fromEntries(rows.map(({ question, answer }) => [question, answer]))).toEqual(after)
  expect(rows.slice(0, 2).map(({ card_id }) => card_id)).toEqual(before.map(({ card_id }) => card_id))
})

test('--on-duplicate keep adds whatever comes', async () => {
  await makeDeck('Numbers', numbers)
  const done = await report(['-', '--deck', 'Numbers', '--on-duplicate', 'keep'], INCOMING)
  expect(done).toMatchObject({ added: 4, updated: 0, unchanged: 0, skipped: 0 })
  expect((await cards()).map(({ answer }) => answer)).toEqual(['one', 'two', 'one', 'zwei', 'three', 'drei'])
})

test('--on-duplicate error names them, within the input and then in the deck, and writes nothing', async () => {
  await makeDeck('Numbers', numbers)
  const path = file('more.csv', INCOMING)
  const line = ['deck', 'import', path, '--deck', 'Numbers', '--on-duplicate', 'error']
  expect(await rote(line)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: `${path}:5: the same card as in line 4\n1 of 4 cards is repeated; nothing was imported.\n`,
  })
  writeFileSync(path, INCOMING.replace('tres,drei\n', ''))
  expect(await rote(line)).toMatchObject({
    code: 4,
    stdout: '',
    stderr: `${path}:2: this card is in the deck already\n${path}:3: this card is in the deck already\n2 cards are in the deck already; nothing was imported.\nTo leave or update such cards: rote deck import --on-duplicate skip|update|keep\n`,
  })
  expect(await sql`select from cards`).toHaveLength(2)
  expect(await sql`select from imports`).toHaveLength(0)
})

test('an external id decides what is the same card', async () => {
  const columns = 'id,question,answer\n'
  await report(['-', '--deck', 'Numbers'], `${columns}1,uno,one\n2,dos,two\n`)
  const changed = await report(
    ['-', '--deck', 'Numbers', '--on-duplicate', 'update'],
    `${columns}1,UNO,one\n3,dos,deux\n`,
  )
  expect(changed).toMatchObject({ added: 1, updated: 1, unchanged: 0, skipped: 0 })
  expect(await sql`select external_id, question, answer from cards order by position`).toEqual([
    { external_id: '1', question: 'UNO', answer: 'one' },
    { external_id: '2', question: 'dos', answer: 'two' },
    { external_id: '3', question: 'dos', answer: 'deux' },
  ])
})

test('keep gives a key to the first card that brings it, and to no other', async () => {
  const input = 'id,question,answer\n1,uno,one\n1,uno,eins\n'
  expect(await report(['-', '--deck', 'Numbers', '--on-duplicate', 'keep'], input)).toMatchObject({
    added: 2,
  })
  expect(await report(['-', '--deck', 'Numbers', '--on-duplicate', 'keep'], input)).toMatchObject({
    added: 2,
  })
  expect(await sql`select external_id, answer from cards order by position`).toEqual([
    { external_id: '1', answer: 'one' },
    { external_id: null, answer: 'eins' },
    { external_id: null, answer: 'one' },
    { external_id: null, answer: 'eins' },
  ])
})

test('an update leaves alone what the file does not say, and all progress', async () => {
  await did('card add Numbers -Q uno -A one --tag easy --difficulty easy --accept a')
  await sql`update cards set confidence_status = 'got_it'`
  await report(['-', '--deck', 'Numbers', '--on-duplicate', 'update'], 'uno,eins\n')
  expect(
    await sql`select answer, tags, difficulty_level, accepted_answers, confidence_status from cards`,
  ).toEqual([
    {
      answer: 'eins',
      tags: ['easy'],
      difficulty_level: 'easy',
      accepted_answers: ['a'],
      confidence_status: 'got_it',
    },
  ])
})

test('a card in the trash is not there', async () => {
  const { cards: made } = await makeDeck('Numbers', numbers)
  await did(`card delete ${made[0]?.card_id}`)
  expect(await report(['-', '--deck', 'Numbers'], 'uno,one\n')).toMatchObject({ added: 1, unchanged: 0 })
})

test('a dry run makes no deck either', async () => {
  expect(await rote('deck import - --deck New --dry-run', { input: 'uno,one\n' })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Would import into "New": 1 added, 0 updated, 0 skipped.\n',
  })
  expect(await sql`select from decks`).toHaveLength(0)
  expect(await sql`select from imports`).toHaveLength(0)
})

test('every bad line is named in one run, and nothing is written, not even the deck', async () => {
  const path = file(
    'bad.csv',
    'question,answer,difficulty\nuno,one,\n,two,\ntres,,\ncuatro,four,brutal\ncinco\nseis,six,easy\n',
  )
  expect(await rote(['deck', 'import', path])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: [
      `${path}:3: the question is empty`,
      `${path}:4: the answer is empty`,
      `${path}:5: the difficulty_level "brutal" is none of easy, medium, hard`,
      `${path}:6: expected 3 columns, found 1`,
      '4 of 6 records cannot be read; nothing was imported.',
      'To import the others: --on-error skip --rejects <file>',
      '',
    ].join('\n'),
  })
  expect(await sql`select from decks`).toHaveLength(0)
  const { stdout, stderr } = await rote(['deck', 'import', path, '--json'])
  expect(stdout).toBe('')
  expect(JSON.parse(stderr)).toMatchObject({
    error: { kind: 'failure', hint: expect.stringContaining('--on-error skip') },
  })
})

const ENCODING = 'Files from older Windows programs often need: --encoding windows-1252'

test.each<[what: string, content: string | Uint8Array, code: number, stderr: string]>([
  [
    'a NUL byte',
    `uno,one\nmany,${'x'.repeat(80)}\0\n`,
    1,
    'PATH:2: the answer contains a NUL character, which PostgreSQL cannot store\n1 of 2 records cannot be read; nothing was imported.\nTo import the others: --on-error skip --rejects <file>\n',
  ],
  [
    'invalid UTF-8',
    Buffer.from('q,a\nuno,one\nni\xf1o,boy\n', 'latin1'),
    1,
    `PATH:3: these bytes are not UTF-8\nNothing was imported.\n${ENCODING}\n`,
  ],
  [
    'an unclosed quote',
    'question,answer\nuno,"one\ndos,two\n',
    1,
    'PATH:2: a quote opened here is never closed\nNothing was imported.\nIf quotes are just text in this file, add: --quote relaxed, or --quote none\n',
  ],
  [
    'a missing column',
    'name,meaning,x\nuno,one,1\n',
    2,
    'PATH: no column for the question: the file has "name", "meaning", "x"\nNothing was imported.\nSay which columns to use, for example: --columns question=name\n',
  ],
  ['nothing in it', '', 1, 'PATH has no cards in it.\n'],
  ['a header only', 'question,answer\n', 1, 'PATH has no cards in it.\n'],
  [
    'a zip file',
    Buffer.from('PK\x03\x04\0\0\0\0', 'latin1'),
    1,
    'PATH: this zip archive is damaged or cut short\nNothing was imported.\nCopy or download the file again, or export it anew in Anki (File > Export).\n',
  ],
])('a file with %s', async (_, content, code, stderr) => {
  const path = file('input.csv', content)
  expect(await rote(['deck', 'import', path])).toMatchObject({
    code,
    stdout: '',
    stderr: stderr.replaceAll('PATH', path),
  })
  expect(await sql`select from decks`).toHaveLength(0)
})

test('binary on standard input', async () => {
  const input = Uint8Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 256) & (i % 3 === 0 ? 0 : 255))
  expect(await rote('deck import - --deck X', { input })).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^-: this looks like a binary file, not text\nNothing was imported\.\n/),
  })
})

test('--encoding reads what is not UTF-8', async () => {
  const path = file('latin.csv', Buffer.from('niño,boy\n', 'latin1'))
  await report([path, '--encoding', 'windows-1252'])
  expect(await cards()).toEqual([{ question: 'niño', answer: 'boy' }])
  expect(await rote(['deck', 'import', path, '--encoding', 'klingon'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Unknown encoding "klingon".'),
  })
})

test('no such file, and a folder', async () => {
  const path = join(folder, 'nothing-here.csv')
  expect(await rote(['deck', 'import', path])).toMatchObject({
    code: 3,
    stdout: '',
    stderr: `No file "${path}".\n`,
  })
  mkdirSync(join(folder, 'a-folder'), { recursive: true })
  expect(await rote(['deck', 'import', join(folder, 'a-folder')])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `${join(folder, 'a-folder')} is a folder, not a file.\n`,
  })
})

test('what the operating system will not read', async () => {
  const long = 'x'.repeat(300)
  expect(await rote(['deck', 'import', long])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `Cannot read ${long}: name too long.\n`,
  })
  const loop = join(folder, 'loop.csv')
  symlinkSync(loop, loop)
  expect(await rote(['deck', 'import', loop])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `Cannot read ${loop}: too many symbolic links encountered.\n`,
  })
})

test('white space around the name of the deck is not part of it', async () => {
  const imported = ['deck', 'import', '-', '--deck', ' New ']
  expect(await rote(imported, { input: 'uno,one\n' })).toMatchObject({
    code: 0,
    stderr: 'Imported into "New": 1 added, 0 updated, 0 skipped.\n',
  })
  expect(await rote(imported, { input: 'dos,two\n' })).toMatchObject({ code: 0 })
  expect(await sql`select name from decks`).toEqual([{ name: 'New' }])
})

test('a bad deck name is refused before anything is read', async () => {
  expect(await rote(['deck', 'import', '-', '--deck', 'two\nlines'], { input: 'uno,one\n' })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'The name of a deck cannot contain line breaks or control characters.\n',
  })
})

test('a deck that is shared to look at is not written to', async () => {
  await makeUser()
  const { deck_id } = await makeDeck('Botany', { rose: 'Rosa' }, 'bert')
  await share(deck_id, 'ada', 'view')
  expect(await rote('deck import - --deck bert/Botany --user ada', { input: 'lily,Lilium\n' })).toMatchObject(
    {
      code: 6,
      stdout: '',
    },
  )
  expect(await sql`select name from decks`).toEqual([{ name: 'Botany' }])
  await sql`update deck_shares set permission = 'edit'`
  expect(await rote('deck import - --deck bert/Botany --user ada', { input: 'lily,Lilium\n' })).toMatchObject(
    { code: 0 },
  )
  expect(await sql`select question from cards where deck_id = ${deck_id} order by position`).toEqual([
    { question: 'rose' },
    { question: 'lily' },
  ])
})

test('with update the last of a card counts, however far apart, in a dry run as in a real one', async () => {
  await makeDeck('Numbers', { q2: 'old' })
  const line = (i: number, answer: string) => `q${i},${answer}\n`
  const input = `${Array.from({ length: 6000 }, (_, i) => line(i + 1, 'first')).join('')}${line(1, 'last')}${line(2, 'last')}`
  const words = ['-', '--deck', 'Numbers', '--on-duplicate', 'update']
  const counts = { added: 5999, updated: 1, unchanged: 0, skipped: 2 }
  expect(await report([...words, '--dry-run'], input)).toMatchObject({ ...counts, dry_run: true })
  expect(await report(words, input)).toMatchObject({ ...counts, dry_run: false })
  expect(
    await sql`select question, answer from cards where question in ('q1', 'q2', 'q3') order by 1`,
  ).toEqual([
    { question: 'q1', answer: 'last' },
    { question: 'q2', answer: 'last' },
    { question: 'q3', answer: 'first' },
  ])
  expect(await report(words, input)).toMatchObject({ added: 0, updated: 0, unchanged: 6000, skipped: 2 })
})

test('keep keeps cards that stand in one line', async () => {
  const input = '[{"question":"uno","answer":"one"},{"question":"dos","answer":"two"}]'
  expect(await report(['-', '--deck', 'Numbers', '--on-duplicate', 'keep'], input)).toMatchObject({
    added: 2,
  })
})

test('--on-error skip takes the good records, names the others and ends with 7', async () => {
  const path = file('bad.csv', 'question,answer\nuno,one\n,two\ntres,three\ncuatro\n')
  const words = ['deck', 'import', path, '--deck', 'Numbers', '--on-error', 'skip']
  const named = `${path}:3: the question is empty\n${path}:5: expected 2 columns, found 1\n2 of 4 records were left out.\nTo keep them: --rejects <file>\n`
  expect(await rote([...words, '--dry-run'])).toMatchObject({
    code: 7,
    stderr: `Would import into "Numbers": 2 added, 0 updated, 0 skipped.\n${named}`,
  })
  expect(await sql`select from decks`).toHaveLength(0)
  const { code, stdout, stderr } = await rote([...words, '--json'])
  expect({ code, report: JSON.parse(stdout) }).toMatchObject({ code: 7, report: { added: 2, rejected: 2 } })
  expect(JSON.parse(stderr)).toMatchObject({ error: { kind: 'partial' } })
  expect(await cards()).toEqual([
    { question: 'uno', answer: 'one' },
    { question: 'tres', answer: 'three' },
  ])
})

test('--rejects keeps the reasons beside the records, asks before it replaces, and writes nothing in a dry run', async () => {
  const path = file('bad.csv', 'question,answer\nuno,one\n,two\n')
  const rejects = join(folder, 'rejects.csv')
  rmSync(`${rejects}.jsonl`, { force: true })
  const words = ['deck', 'import', path, '--deck', 'Numbers', '--on-error', 'skip', '--rejects', rejects]
  expect(await rote([...words, '--dry-run'])).toMatchObject({ code: 7 })
  expect(existsSync(`${rejects}.jsonl`)).toBe(false)
  expect(await rote(words)).toMatchObject({
    code: 7,
    stderr: expect.stringContaining(
      `1 of 2 records was left out.\nWhat is wrong with them: ${rejects}.jsonl\n`,
    ),
  })
  const [reason = ''] = readFileSync(`${rejects}.jsonl`, 'utf8').split('\n')
  expect(JSON.parse(reason)).toMatchObject({ line: 3, problem: 'the question is empty' })
  writeFileSync(rejects, 'mine')
  expect(await rote(words)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Add --yes to go ahead.'),
  })
  expect(readFileSync(rejects, 'utf8')).toBe('mine')
})

test.each([
  ['--rejects r.csv', '--rejects is for records that are skipped.'],
  ['--tag x --tag ""', 'A tag is empty.'],
  [
    '--prune --on-duplicate keep',
    '--prune goes by which cards are there already, and --on-duplicate keep takes none as that.',
  ],
])('flags that make no sense: %s', async (flags, sentence) => {
  expect(await rote(`deck import - --deck X ${flags}`, { input: 'uno,one\n' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(sentence),
  })
})

test('--prune leaves all cards while records are left out, for one of those may be theirs', async () => {
  const path = file('words.csv', 'uno,one\ndos,two\ntres,three\n')
  await report([path])
  writeFileSync(path, 'uno,one\ndos,\n')
  const words = ['deck', 'import', path, '--prune', '--on-error', 'skip']
  const why = 'No card was moved to the trash: one may be among the records that were left out.\n'
  for (const flag of ['--dry-run', '--yes'])
    expect(await rote([...words, flag])).toMatchObject({ code: 7, stderr: expect.stringContaining(why) })
  expect(await sql`select from cards where deleted_at is null`).toHaveLength(3)
})

test('what was rejected of a file in another encoding is read again with the same flags', async () => {
  const path = file('windows.csv', Buffer.from('question;answer\n\xe4;b\n\xf6;\n', 'latin1'))
  const rejects = join(folder, 'windows.rejects.csv')
  const flags = ['--deck', 'Letters', '--encoding', 'windows-1252']
  await rote(['deck', 'import', path, ...flags, '--on-error', 'skip', '--rejects', rejects])
  writeFileSync(rejects, readFileSync(rejects, 'utf8').replace('ö;', 'ö;c'))
  expect(await report([rejects, ...flags])).toMatchObject({ added: 1, rejected: 0 })
  expect(await cards()).toEqual([
    { question: 'ä', answer: 'b' },
    { question: 'ö', answer: 'c' },
  ])
})

test('--prune asks before cards go to the trash', async () => {
  const path = file('words.csv', 'uno,one\ndos,two\ntres,three\n')
  await report([path])
  writeFileSync(path, 'uno,one\ncuatro,four\n')
  const words = ['deck', 'import', path, '--prune']
  expect(await rote(words)).toMatchObject({
    code: 2,
    stderr: `There is no terminal to ask in: 2 cards are not in ${path} any more. To the trash?\nAdd --yes to go ahead.\n`,
  })
  expect(await cards()).toHaveLength(3)
  expect(await report([path, '--prune', '--dry-run'])).toMatchObject({ added: 1, unchanged: 1, pruned: 2 })
  expect(await rote([...words, '--yes'])).toMatchObject({
    code: 0,
    stderr: 'Imported into "words": 1 added, 0 updated, 0 skipped, 1 unchanged, 2 to the trash.\n',
  })
  expect(await sql`select question from cards where deleted_at is null order by position`).toEqual([
    { question: 'uno' },
    { question: 'cuatro' },
  ])
  expect(await report([path, '--prune'])).toMatchObject({ added: 0, unchanged: 2, pruned: 0 })
})

test('--tag is added to what cards have', async () => {
  const input = 'question,answer,tags\nuno,one,a\ndos,two,\n'
  await report(['-', '--deck', 'Numbers', '--tag', 'a', '--tag', 'new'], input)
  expect(await sql`select tags from cards order by position`).toEqual([
    { tags: ['a', 'new'] },
    { tags: ['a', 'new'] },
  ])
})

test('half of a character in a tag is a bad record, and no bug', async () => {
  const input = '{"question":"uno","answer":"one","tags":["\\ud800"]}\n'
  expect(await rote('deck import - --deck X', { input })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('-:1: a tag, key, accepted answer or picture contains'),
  })
})
