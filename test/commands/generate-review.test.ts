import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeDeck, makeJob, makeUser, share } from '../support/builders.ts'
import { folder, sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()
beforeEach(async () => void (await did('deck list')))

const cards = () => sql`select question, answer from cards where deleted_at is null order by position`
const decisions = async () =>
  Object.fromEntries(
    (await sql`select question, decision from ai_candidates`).map(({ question, decision }) => [
      question,
      decision,
    ]),
  )

const GIVEN = [
  { question: 'a', page: 76 },
  { question: 'b', grounding: 'unverified', quote: null, page: null },
  { question: 'c', flags: ['long', 'duplicate'], duplicate_of: 'see' },
  { question: 'd' },
] as const satisfies Parameters<typeof makeJob>[1]

async function job(given: Parameters<typeof makeJob>[1] = [...GIVEN]) {
  const { deck_id } = await makeDeck('Biology')
  const made = await makeJob({ deck_id, options: { tags: ['cells'] } }, given)
  return { ...made, deck_id, short: made.job_id.slice(0, 8) }
}

describe('off a terminal', () => {
  test('without --accept it lists what waits, and decides nothing', async () => {
    const { job_id, short, candidates } = await job()
    const [a, b, c, d] = candidates.map(({ candidate_id }) => candidate_id)
    const { code, stdout, stderr } = await rote(`generate review ${short}`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      [
        `${a}\ta\ta!\tThe quote of a\t76\tverified\t\t\tproposed`,
        `${b}\tb\tb!\t\t\tunverified\t\t\tproposed`,
        `${c}\tc\tc!\tThe quote of c\t1\tverified\tlong duplicate\tsee\tproposed`,
        `${d}\td\td!\tThe quote of d\t1\tverified\t\t\tproposed\n`,
      ].join('\n'),
    )
    expect(await did(`generate review ${job_id} --quiet`)).toBe([a, b, c, d].join('\n'))
    const listed = (await rote(`generate review ${short} --json`)).json<unknown[]>()
    expect(listed[2]).toEqual({
      candidate_id: c,
      question: 'c',
      answer: 'c!',
      quote: 'The quote of c',
      page: 1,
      grounding: 'verified',
      flags: ['long', 'duplicate'],
      duplicate_of: 'see',
      decision: 'proposed',
    })
    expect(await cards()).toEqual([])
  })

  test('a person who pipes something in sees a table, and what to do', async () => {
    const { short } = await job()
    const { stdout, stderr } = await rote(`generate review ${short}`, { tty: 'out' })
    expect(stdout).toContain('long answer; like')
    expect(stderr).toBe(`Decide in a terminal, or with: rote generate review ${short} --accept verified\n`)
  })

  test('--accept verified makes cards of what is verified and has no flags, with the tags of the job', async () => {
    const { short, candidates } = await job()
    const printed = await did(`generate review ${short} --accept verified`)
    const made = await sql`select card_id, question, tags, source_page from cards order by position`
    expect(printed).toBe(made.map(({ card_id }) => card_id).join('\n'))
    expect(made).toMatchObject([
      { question: 'a', tags: ['cells'], source_page: 76 },
      { question: 'd', tags: ['cells'] },
    ])
    expect(await decisions()).toEqual({ a: 'accepted', b: 'proposed', c: 'proposed', d: 'accepted' })
    const all = (await rote(`generate review ${short} --accept all --json`)).json<object[]>()
    expect(all).toMatchObject([
      { candidate_id: candidates[1]?.candidate_id, question: 'b', quote: null, card_id: expect.any(String) },
      { candidate_id: candidates[2]?.candidate_id, question: 'c', page: 1 },
    ])
    expect(await cards()).toHaveLength(4)
    expect(await rote(`generate review ${short} --accept all`)).toMatchObject({ code: 0, stdout: '' })
    expect(await rote(`generate review ${short}`)).toMatchObject({ code: 0, stdout: '' })
  })

  test('a person is told in a sentence, also what was left because it is there', async () => {
    const { short, deck_id } = await job()
    await sql`insert into cards (deck_id, question, answer) values (${deck_id}, 'd', 'there')`
    expect(await rote(`generate review ${short} --accept none`, { tty: true })).toMatchObject({
      stdout: `Nothing was accepted.\n4 candidates wait: rote generate review ${short}\n`,
    })
    expect(await rote(`generate review ${short} --accept verified`, { tty: true })).toMatchObject({
      stdout: `Accepted 1 card into "Biology". "Biology" has the question of 1 already.\n3 candidates wait: rote generate review ${short}\n`,
    })
    expect(await rote(`generate review ${short} --accept verified`, { tty: true })).toMatchObject({
      stdout: expect.stringContaining('Nothing was accepted. "Biology" has'),
    })
  })

  test('thousands are accepted in their order', async () => {
    const { job_id } = await job([])
    await sql`
      insert into ai_candidates (job_id, section, position, question, answer, grounding)
      select ${job_id}, 0, n, 'question ' || n, 'answer', 'verified' from generate_series(1, 2001) n`
    expect((await did(`generate review ${job_id} --accept verified`)).split('\n')).toHaveLength(2001)
    const made = await cards()
    expect(made.map(({ question }) => question)).toEqual(
      Array.from({ length: 2001 }, (_, index) => `question ${index + 1}`),
    )
  })

  test.each(['review', 'review --accept all', 'undo'])(
    '%s: a job is named by the beginning of its id',
    async (verb) => {
      const { job_id } = await job()
      await makeUser('bert')
      const [name, ...flags] = verb.split(' ')
      const line = (id: string, user = 'ada') => `--user ${user} generate ${name} ${id} ${flags.join(' ')}`
      expect(await rote(line('3f9'))).toMatchObject({
        code: 2,
        stderr: '"3f9" is too short: a job is named by at least 4 characters of its id.\n',
      })
      const none = 'See what there is: rote generate list\n'
      expect(await rote(line('zzzz'))).toMatchObject({ code: 3, stderr: `No job "zzzz".\n${none}` })
      // somebody else's is not there
      expect(await rote(line(job_id, 'bert'))).toMatchObject({
        code: 3,
        stderr: `No job "${job_id}".\n${none}`,
      })
    },
  )

  test('several jobs that begin alike', async () => {
    const { deck_id } = await makeDeck('Biology')
    const user_id = await makeUser()
    for (const last of [1, 2])
      await sql`insert into ai_jobs (job_id, user_id, deck_id, source_type)
        values (${`abcd0000-0000-4000-8000-00000000000${last}`}, ${user_id}, ${deck_id}, 'text')`
    expect(await rote('generate review abcd')).toMatchObject({
      code: 4,
      stderr:
        'Several jobs begin with "abcd".\nWrite more of it: abcd0000-0000-4000-8000-000000000001, abcd0000-0000-4000-8000-000000000002\n',
    })
  })

  test.each([
    ['done', 'Nothing waits any more: 1 accepted, 1 rejected.\n'],
    ['processing', 'Nothing waits yet: 1 accepted, 1 rejected. The job is not done: rote generate list\n'],
  ])('a job that is %s and has nothing to decide', async (status, sentence) => {
    const { job_id } = await job([{ question: 'a' }, { question: 'b' }])
    await did(`generate review ${job_id}`, { tty: true, input: 'ynq' })
    await sql`update ai_jobs set status = ${status}`
    expect(await rote(`generate review ${job_id}`, { tty: true })).toMatchObject({
      code: 0,
      stderr: sentence,
    })
  })

  test('a deck that is gone', async () => {
    const { job_id } = await job()
    await sql`update decks set deleted_at = now()`
    const stderr =
      'The deck of these cards is gone, or not shared with you any more.\nNothing was changed. The candidates wait.\n'
    expect(await rote(`generate review ${job_id} --accept all`)).toMatchObject({ code: 3, stderr })
    expect(await rote(`generate review ${job_id}`, { tty: true, input: 'y' })).toMatchObject({
      code: 3,
      stderr,
    })
  })

  test("the cards of a job may go into somebody else's deck", async () => {
    await makeUser()
    const { deck_id } = await makeDeck('Botany', {}, 'bert')
    await sql`insert into deck_shares (deck_id, owner_id, shared_with_id, permission)
      select ${deck_id}, decks.user_id, users.user_id, 'edit' from decks, users where username = 'ada'`
    const { job_id } = await makeJob({ deck_id }, [{ question: 'a' }])
    expect(await rote(`--user ada generate review ${job_id} --accept all`, { tty: true })).toMatchObject({
      code: 0,
      stdout: 'Accepted 1 card into "bert/Botany".\nNothing waits any more.\n',
    })
  })
})

test('what a deck says is not told to somebody with whom it is not shared any more', async () => {
  await makeUser()
  const { deck_id } = await makeDeck(
    'Botany',
    { 'What does chlorophyll absorb?': 'the light of the sun' },
    'bert',
  )
  const { job_id } = await makeJob({ deck_id, status: 'processing' }, [
    { question: 'What does chlorophyll absorb?', answer: 'light of the sun' },
  ])
  const [waiting] = (await rote(`--user ada generate review ${job_id} --json`)).json<{ flags: string[] }[]>()
  expect(waiting).toMatchObject({ flags: [], duplicate_of: null })
  expect((await rote(`--user ada generate view ${job_id} --json`)).json()).toMatchObject({ deck: null })
  await share(deck_id, 'ada', 'edit')
  const [shared] = (await rote(`--user ada generate review ${job_id} --json`)).json<{ flags: string[] }[]>()
  expect(shared).toMatchObject({ flags: ['duplicate'] })
  expect((await rote(`--user ada generate view ${job_id} --json`)).json()).toMatchObject({
    deck: 'bert/Botany',
  })
})

describe('in a terminal', () => {
  const end = (stdout: string) => stdout.slice(stdout.lastIndexOf('\x1b[?1049l') + 8)

  test('yes, no and leaving: what was decided is kept, the rest waits', async () => {
    const { short } = await job()
    const { code, stdout } = await rote(`generate review ${short}`, { tty: true, input: 'ynq' })
    expect(code).toBe(0)
    expect(end(stdout)).toBe(`1 accepted into "Biology", 1 rejected, 2 wait: rote generate review ${short}\n`)
    expect(await decisions()).toEqual({ a: 'accepted', b: 'rejected', c: 'proposed', d: 'proposed' })
    expect(await cards()).toEqual([{ question: 'a', answer: 'a!' }])
    // half-way it goes on where it was
    await did(`generate review ${short}`, { tty: true, input: 'n\r\r' })
    expect(await decisions()).toEqual({ a: 'accepted', b: 'rejected', c: 'rejected', d: 'accepted' })
  })

  test('undo takes cards back, as far as the beginning, and what was accepted at once with one key', async () => {
    const { short } = await job()
    await did(`generate review ${short}`, { tty: true, input: 'ynvyuuuq' })
    expect(await decisions()).toEqual({ a: 'proposed', b: 'proposed', c: 'proposed', d: 'proposed' })
    expect(await sql`select card_id from cards`).toEqual([])
    await did(`generate review ${short}`, { tty: true, input: 'vyq' })
    expect(await decisions()).toMatchObject({ a: 'accepted', d: 'accepted', b: 'proposed' })
  })

  test('Ctrl-C ends with 130, and keeps what was decided', async () => {
    const { short } = await job()
    expect(await rote(`generate review ${short}`, { tty: true, input: 'y\x03' })).toMatchObject({
      code: 130,
      stderr: 'Stopped. Every decision you made is saved.\n',
    })
    expect(await cards()).toHaveLength(1)
  })

  test('a question that the deck has got meanwhile is said where it stands', async () => {
    const { short, deck_id } = await job()
    await sql`insert into cards (deck_id, question, answer) values (${deck_id}, 'a', 'there')`
    const { stdout } = await rote(`generate review ${short}`, { tty: true, input: 'yq' })
    expect(stdout).toContain('The deck has this question already: edit it (e), or reject it (n).')
    expect(await decisions()).toMatchObject({ a: 'proposed' })
    expect(await cards()).toHaveLength(1)
  })

  test('--plain goes line by line', async () => {
    const { short } = await job([{ question: 'a' }, { question: 'b' }])
    const { stdout } = await rote(`generate review ${short} --plain`, { tty: true, input: 'yq' })
    expect(stdout).toBe(`   2 of 2 are verified and have no flags: v accepts them all.
1 of 2, page 1, verified
Q  a
A  a!
W  On page 1:
   “The quote of a”
   ⏎ y accept   n reject   e edit   r again   ? keys   q quit
2 of 2, page 1, verified
Q  b
A  b!
W  On page 1:
   “The quote of b”
   ⏎ y accept   n reject   e edit   r again   u undo   ? keys   q quit
1 accepted into "Biology", 1 waits: rote generate review ${short}
`)
  })
})

describe('editing', () => {
  beforeEach(() => void vi.stubEnv('TMPDIR', folder))
  afterEach(() => void vi.unstubAllEnvs())

  /** An editor that does this to the file, as a shell script; `$1` is the file. */
  function editor(script: string) {
    const path = join(folder, 'editor.sh')
    writeFileSync(path, `${script}\n`)
    return { tty: true as const, env: { EDITOR: `sh ${path}` } }
  }

  test('the candidate is written anew before it becomes a card, and undo brings the old text back', async () => {
    const { short } = await job([{ question: 'a' }, { question: 'b' }])
    const seen = join(folder, 'seen')
    const edit = editor(`cp "$1" ${seen}; sed -i 's/a!/better/' "$1"`)
    await did(`generate review ${short}`, { ...edit, input: 'eyq' })
    expect(readFileSync(seen, 'utf8')).toBe('----- question -----\na\n\n----- answer -----\na!\n')
    expect(await cards()).toEqual([{ question: 'a', answer: 'better' }])
    await did(`generate review ${short}`, { ...editor(`sed -i 's/b!/worse/' "$1"`), input: 'euq' })
    expect(await sql`select answer from ai_candidates order by position`).toEqual([
      { answer: 'better' },
      { answer: 'b!' },
    ])
  })

  test('what no card can be is kept, and said', async () => {
    const { short } = await job([{ question: 'a' }])
    const { stdout } = await rote(`generate review ${short} --plain`, {
      ...editor(`printf -- '----- question -----\\nmine\\n----- answer -----\\n' > "$1"`),
      input: 'eq',
    })
    const [, kept = ''] = /The answer is empty\. What you wrote is in (\S+)/.exec(stdout) ?? []
    expect(existsSync(kept)).toBe(true)
    expect(readFileSync(kept, 'utf8')).toContain('mine')
    expect(await decisions()).toEqual({ a: 'proposed' })
  })
})

describe('generate undo', () => {
  test('takes the cards of a job back, says how many were answered, and loses nothing', async () => {
    const { short } = await job()
    await did(`generate review ${short} --accept verified`)
    const before = await sql`select card_id, question from cards order by position`
    await did('study Biology', { input: ' 3q' })
    expect(await rote(`generate undo ${short}`, { tty: true })).toMatchObject({
      code: 0,
      stdout: `Moved 2 cards to the trash, 1 answered already.\nThey wait again, and what was answered comes back with them: rote generate review ${short}\n`,
    })
    expect(await cards()).toEqual([])
    expect(await rote(`generate undo ${short}`, { tty: true })).toMatchObject({
      code: 0,
      stderr: 'This job has no cards to take back.\n',
    })
    await did(`generate review ${short} --accept verified`)
    expect(await sql`select card_id, question from cards where deleted_at is null order by position`).toEqual(
      before,
    )
    expect((await did('study history Biology')).split('\n')).toHaveLength(1)
  })

  test('in a pipe the ids of the cards, under --json the cards', async () => {
    const { short } = await job()
    const made = await did(`generate review ${short} --accept verified`)
    expect(await did(`generate undo ${short}`)).toBe(made)
    await did(`generate review ${short} --accept verified`)
    const taken = (await rote(`generate undo ${short} --json`)).json<object[]>()
    expect(taken.map((card) => Object.keys(card))).toEqual([
      ['card_id', 'question', 'answer', 'answered'],
      ['card_id', 'question', 'answer', 'answered'],
    ])
  })
})

test('studying shows where an accepted card comes from', async () => {
  const { short } = await job([{ question: 'a', page: 77, quote: 'It says so.' }])
  await did(`generate review ${short} --accept all`)
  expect(await did('study Biology', { input: 'wq' })).toContain(
    'W  /books/cells.pdf, page 77\n"  It says so.',
  )
})
