import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeDeck } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { rote } from '../support/rote.ts'

useDatabase()

// what was written is kept in a temporary folder
beforeEach(() => void vi.stubEnv('TMPDIR', folder))
afterEach(() => void vi.unstubAllEnvs())

/** An editor that does this to the file, as a shell script; `$1` is the file. */
function editor(script: string): { tty: true; env: { EDITOR: string } } {
  const path = join(folder, 'editor.sh')
  writeFileSync(path, `${script}\n`)
  return { tty: true, env: { EDITOR: `sh ${path}` } }
}

const written = (question: string, answer: string, tags = '', difficulty = '') =>
  `cat > "$1" <<'END'
----- question -----
${question}

----- answer -----
${answer}

----- tags -----
${tags}

----- difficulty -----
${difficulty}
END`

const cards = () => sql`select question, answer, tags, difficulty_level from cards`

test('card add without text opens the editor, with what the flags say', async () => {
  await makeDeck('Spanish')
  const seen = join(folder, 'seen')
  const options = editor(`cp "$1" ${seen}; ${written('perro\n\nel ~', 'dog', 'animals, pets', 'Easy')}`)
  expect(await rote('card add Spanish -A dog --tag animals', options)).toMatchObject({
    code: 0,
    stdout: 'Added "perro el ~" to "Spanish".\n',
    stderr: '',
  })
  expect(readFileSync(seen, 'utf8')).toBe(
    '----- question -----\n\n\n----- answer -----\ndog\n\n----- tags -----\nanimals\n\n----- difficulty -----\n\n',
  )
  expect(await cards()).toEqual([
    { question: 'perro\n\nel ~', answer: 'dog', tags: ['animals', 'pets'], difficulty_level: 'easy' },
  ])
})

test('card edit opens the editor with the card', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dgo' })
  expect(await rote(`card edit ${made[0]?.card_id}`, editor(`sed -i s/dgo/dog/ "$1"`))).toMatchObject({
    code: 0,
    stdout: 'Changed "perro".\n',
  })
  expect(await cards()).toEqual([{ question: 'perro', answer: 'dog', tags: [], difficulty_level: null }])
})

test('what is not touched in the editor stays to the letter', async () => {
  const { cards: made } = await makeDeck('Spanish', { 'perro\n----- tags -----\n': 'dgo' })
  await sql`update cards set tags = ${['old animals']}`
  expect(await rote(`card edit ${made[0]?.card_id}`, editor(`sed -i s/dgo/dog/ "$1"`))).toMatchObject({
    code: 0,
  })
  expect(await cards()).toEqual([
    { question: 'perro\n----- tags -----\n', answer: 'dog', tags: ['old animals'], difficulty_level: null },
  ])
})

test('a file that is left as it was changes nothing', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dog' })
  const unchanged = editor('true')
  expect(await rote('card add Spanish', unchanged)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Nothing was added.\n',
  })
  expect(await rote(`card edit ${made[0]?.card_id}`, unchanged)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'Nothing was changed.\n',
  })
})

test.each([
  ['an empty question', written('', 'dog'), 2, 'The question is empty.'],
  ['no mark', 'echo nonsense > "$1"', 2, 'The line "----- question -----" is missing.'],
  [
    'a wrong difficulty',
    written('q', 'a', '', 'brutal'),
    2,
    '"brutal" is not a difficulty: write easy, medium, hard or nothing.',
  ],
  ['a crash', `${written('q', 'a')}\nexit 3`, 1, /^The editor ".*" failed \(exit code 3\)\.$/],
])('what was written is not lost: %s', async (_, script, code, complaint) => {
  await makeDeck('Spanish')
  const ran = await rote('card add Spanish', editor(script))
  expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' })
  const [first = '', hint = '', end] = ran.stderr.split('\n')
  expect(first).toMatch(complaint)
  expect(end).toBe('')
  const [, kept = ''] = /^What you wrote is in (.*)$/.exec(hint) ?? []
  expect(existsSync(kept), ran.stderr).toBe(true)
  expect(await cards()).toEqual([])
})

/** Runs a command that has to fail, and gives its complaint without the hint that says where the text is, and the text. */
async function failedWith(line: string, options: ReturnType<typeof editor>) {
  const { code, stdout, stderr } = await rote(line, options)
  const [, complaint = '', kept = ''] = /^(.*)What you wrote is in (.*)\n$/s.exec(stderr) ?? []
  return {
    code,
    stdout,
    complaint,
    text: kept && readFileSync(kept, 'utf8'),
    stderr: complaint ? '' : stderr,
  }
}

test('what was written is not lost to a question that is there already', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dog', gato: 'cat' })
  const [perro = '', gato = ''] = made.map(({ card_id }) => card_id)
  expect(await failedWith('card add Spanish', editor(written('perro', 'a long answer')))).toEqual({
    code: 4,
    stdout: '',
    complaint: `"Spanish" already has this question.\nChange its card: rote card edit ${perro.slice(0, 8)}\n`,
    text: expect.stringContaining('\na long answer\n'),
    stderr: '',
  })
  expect(await failedWith(`card edit ${gato}`, editor(written('perro', 'a long answer')))).toEqual({
    code: 4,
    stdout: '',
    complaint: `"Spanish" already has this question.\nSee: rote card view ${perro.slice(0, 8)}\n`,
    text: expect.stringContaining('\na long answer\n'),
    stderr: '',
  })
  expect(await cards()).toHaveLength(2)
})

test('what was written is not lost to the database', async () => {
  await makeDeck('Spanish')
  await sql`alter table cards add constraint refuse check (question <> 'perro') not valid`
  try {
    expect(await failedWith('card add Spanish', editor(written('perro', 'dog')))).toMatchObject({
      code: 70,
      complaint: expect.stringMatching(/^This is a bug in rote: .*"refuse"\n/),
      text: expect.stringContaining('perro'),
    })
  } finally {
    await sql`alter table cards drop constraint refuse`
  }
})

test('a card that is deleted while it is edited is not there, and what was written is', async () => {
  const { cards: made } = await makeDeck('Spanish', { perro: 'dgo' })
  const card_id = made[0]?.card_id ?? ''
  const [open, deleted] = [join(folder, 'open'), join(folder, 'deleted')]
  const script = `sed -i s/dgo/dog/ "$1"; touch ${open}; until [ -e ${deleted} ]; do sleep 0.05; done`
  const failed = failedWith(`card edit ${card_id}`, editor(script))
  await vi.waitUntil(() => existsSync(open), 10_000)
  await sql`update cards set deleted_at = now()`
  writeFileSync(deleted, '')
  expect(await failed).toMatchObject({
    code: 3,
    complaint: `No card "${card_id}".\n`,
    text: expect.stringContaining('dog'),
  })
})

test('the deck is looked for before the editor opens, and the very first is made after it', async () => {
  expect(await rote('card add New', editor('true'))).toMatchObject({
    code: 0,
    stderr: 'Nothing was added.\n',
  })
  expect(await sql`select name from decks`).toEqual([])
  expect(await rote('card add New', editor(written('perro', 'dog')))).toMatchObject({ code: 0 })
  const seen = join(folder, 'not-opened')
  expect(await rote('card add Nwe', editor(`touch ${seen}`))).toMatchObject({
    code: 3,
    stderr: 'No deck "Nwe".\nDid you mean "New"?\n',
  })
  expect(existsSync(seen)).toBe(false)
})

test('nothing stays of what was saved', async () => {
  await makeDeck('Spanish')
  const path = join(folder, 'path')
  await rote('card add Spanish', editor(`echo "$1" > ${path}; ${written('perro', 'dog')}`))
  expect(existsSync(readFileSync(path, 'utf8').trim())).toBe(false)
})

test('an editor that leaves no file', async () => {
  await makeDeck('Spanish')
  const { code, stdout, stderr } = await rote('card add Spanish', editor('rm "$1"'))
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^The editor "sh .*editor\.sh" left no file\.\nIt was to be \S+card\.md\n$/)
})

test('an editor that fails with nothing written leaves nothing behind', async () => {
  await makeDeck('Spanish')
  expect(await rote('card add Spanish', editor('exit 1'))).toMatchObject({
    code: 1,
    stdout: '',
    stderr: `The editor "sh ${join(folder, 'editor.sh')}" failed (exit code 1).\nName yours with: export EDITOR=nano\n`,
  })
})

test('what somebody else has written meanwhile is not overwritten', async () => {
  const { deck_id } = await makeDeck('Spanish')
  await sql`insert into cards (deck_id, question, answer, tags) values (${deck_id}, 'perro', 'dgo', '{a}')`
  const [card] = await sql`select card_id from cards`
  // the editor itself makes the change of the other person: it waits until that has been made
  const flag = join(folder, 'changed')
  const run = async (edit: string, change: () => Promise<unknown>) => {
    rmSync(flag, { force: true })
    const started = join(folder, 'started')
    rmSync(started, { force: true })
    const editing = rote(
      `card edit ${card?.card_id}`,
      editor(`touch ${started}; while [ ! -e ${flag} ]; do sleep 0.02; done; ${edit}`),
    )
    while (!existsSync(started)) await new Promise((done) => setTimeout(done, 10))
    await change()
    writeFileSync(flag, '')
    return editing
  }
  // another field: both stay
  expect(await run('sed -i s/dgo/dog/ "$1"', () => sql`update cards set tags = '{b}'`)).toMatchObject({
    code: 0,
  })
  expect(await sql`select answer, tags from cards`).toEqual([{ answer: 'dog', tags: ['b'] }])
  // the same one: neither is lost
  const ran = await run('sed -i s/dog/hound/ "$1"', () => sql`update cards set answer = 'doggy'`)
  expect(ran).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(
      /^Somebody else has changed this card meanwhile; nothing was overwritten\.\nSee how: rote card history \w{8}\nWhat you wrote is in (\S+)\n$/,
    ),
  })
  expect(await sql`select answer from cards`).toEqual([{ answer: 'doggy' }])
  expect(readFileSync(/is in (\S+)/.exec(ran.stderr)?.[1] ?? '', 'utf8')).toContain('hound')
})
