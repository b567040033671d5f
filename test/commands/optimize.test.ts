import { default_w } from 'ts-fsrs'
import { expect, test } from 'vitest'
import { makeDeck, makeUser, minutes } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { makeHistory } from '../support/learner.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const numbered = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`question ${n}`, `answer ${n}`]))
/** Of somebody who forgets much faster than most. */
const SIEVE = default_w.map((weight, i) =>
  i < 4 ? weight / 10 : i === 8 ? weight - 1 : i === 20 ? 0.4 : weight,
)

interface Optimized {
  changed: boolean
  dry_run: boolean
  weights: number[] | null
  answers: number
  trained_on: number
  held_back: number
  log_loss_before: number
  log_loss_after: number
  rmse_bins_before: number
  rmse_bins_after: number
  schedules: number | null
  rescheduled: number | null
  due_today_before: number | null
  due_today_after: number | null
}

const schedules = async () =>
  (await sql`select s::text as row from card_schedules s order by 1`).map(({ row }) => row)
const dues = async () => sql`select card_id, direction, due from card_schedules order by card_id, direction`
const weights = async () => (await sql`select weights from user_settings`).map((row) => row.weights)

/** Somebody with a long history, and schedules that follow from it. */
async function sieve(cards = 60): Promise<number> {
  const deck = await makeDeck('Long known', numbered(cards))
  const answers = await makeHistory(deck.cards, { weights: SIEVE })
  await did('db rebuild')
  return answers
}

test('too little to learn from', async () => {
  const few = (count: number) => ({
    code: 1,
    stdout: '',
    stderr:
      `There is too little to learn from yet: ${count} of the 400 answers that it takes.\n` +
      'Those count that came a day or more after the one before. Until then the published weights are the better ones.\n',
  })
  expect(await rote('study optimize', { tty: true })).toMatchObject(few(0))
  const { cards } = await makeDeck('Few', numbered(20))
  await makeHistory(cards, { weights: SIEVE })
  // a day apart, and counted: so many are not enough, however many more there are on one day
  const [{ telling } = {}] = await sql`
    select count(*)::int as telling from (
      select study_date - lag(study_date) over (partition by card_id, direction order by attempted_at) as days
      from revision_attempts) as a where days > 0`
  expect(telling).toBeLessThan(400)
  expect(await rote('study optimize')).toMatchObject(few(telling))
  expect(await sql`select from user_settings`).toHaveLength(0)
})

test('weights of one’s own, and every schedule worked out with them', async () => {
  const answers = await sieve()
  const before = await dues()
  const said = (await rote('study optimize --json')).json<Optimized>()
  expect(said).toMatchObject({ changed: true, dry_run: false, answers, schedules: 120 })
  expect(said.held_back / (said.held_back + said.trained_on)).toBeCloseTo(0.2, 2)
  expect(said.log_loss_after).toBeLessThan(said.log_loss_before)
  expect(said.rmse_bins_after).toBeLessThan(said.rmse_bins_before)

  const [stored] = await weights()
  expect(stored).toEqual(said.weights)
  expect(stored).toHaveLength(21)
  const after = await dues()
  const moved = after.filter(({ due }, i) => due.getTime() !== before[i]?.due.getTime())
  expect(moved.length).toBe(said.rescheduled)
  expect(moved.length).toBeGreaterThan(30)
  // the day of these tests ends at four in the morning
  const today = (rows: typeof after) => rows.filter(({ due }) => due < minutes(18 * 60)).length
  expect(said.due_today_before).toBe(today(before))
  expect(said.due_today_after).toBe(today(after))
  expect((await rote('db rebuild --json')).json()).toMatchObject({
    right: 120,
    changed: 0,
    added: 0,
    removed: 0,
  })
})

test('--dry-run says the same, and changes nothing', async () => {
  await sieve()
  const before = await schedules()
  const said = (await rote('study optimize --dry-run --json')).json<Optimized>()
  expect(said).toMatchObject({ changed: false, dry_run: true, schedules: 120 })
  expect(await schedules()).toEqual(before)
  expect(await sql`select from user_settings`).toHaveLength(0)
  expect((await rote('study optimize --json')).json()).toEqual({ ...said, changed: true, dry_run: false })
})

test('weights that are no better than those one has are not taken', async () => {
  await sieve()
  await did('study optimize')
  const [before, had] = [await schedules(), await weights()]
  const again = await rote('study optimize', { tty: true })
  expect(again).toMatchObject({ code: 0, stderr: '' })
  expect(again.stdout.endsWith('\nThe weights that you have are as good. Nothing was changed.\n')).toBe(true)
  expect((await rote('study optimize --json')).json()).toMatchObject({
    changed: false,
    weights: had[0],
    schedules: null,
  })
  expect([await schedules(), await weights()]).toEqual([before, had])
})

test('nor are weights that are worse than the published ones', async () => {
  const deck = await makeDeck('Average', numbered(60))
  await makeHistory(deck.cards, { weights: default_w })
  // whoever is as the published weights say: what a small history teaches is chance
  const said = await rote('study optimize', { tty: true })
  expect(said).toMatchObject({ code: 0, stderr: '' })
  expect(said.stdout.endsWith('\nThe published weights are as good. Nothing was changed.\n')).toBe(true)
  expect(await sql`select from user_settings`).toHaveLength(0)
})

test('--reset goes back', async () => {
  await sieve()
  const published = await schedules()
  await did('study optimize')
  expect(await schedules()).not.toEqual(published)
  const dry = (await rote('study optimize --reset --dry-run --json')).json<Optimized>()
  expect(dry).toMatchObject({ changed: false, dry_run: true, weights: null, answers: null, schedules: 120 })
  const { code, stdout, stderr } = await rote('study optimize --reset', { tty: true })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    'The published weights are yours again.\n' +
      `${dry.rescheduled} of 120 schedules fall due at another time.\n` +
      `Due today: ${dry.due_today_after} cards, and ${dry.due_today_before} with the old ones.\n`,
  )
  expect(await schedules()).toEqual(published)
  expect(await weights()).toEqual([null])
  expect(await rote('study optimize --reset', { tty: true })).toMatchObject({
    code: 0,
    stdout: 'You have the published weights already.\n',
  })
  expect((await rote('study optimize --reset --json')).json()).toMatchObject({
    changed: false,
    rescheduled: null,
  })
})

test('what a person and a pipe are told', async () => {
  await sieve()
  const said = (await rote('study optimize --dry-run --json')).json<Optimized>()
  const four = (loss: number) => loss.toFixed(4).padStart(9)
  const percent = (share: number) => `${(share * 100).toFixed(2)}%`.padStart(9)
  expect(await rote('study optimize --dry-run', { tty: true })).toMatchObject({
    code: 0,
    stdout: [
      `Trained on ${said.trained_on} answers, and judged by ${said.held_back} later ones.`,
      '',
      '              before    after',
      `log loss   ${four(said.log_loss_before)}${four(said.log_loss_after)}`,
      `RMSE (bins)${percent(said.rmse_bins_before)}${percent(said.rmse_bins_after)}`,
      '',
      'The new weights are better.',
      `${said.rescheduled} of 120 schedules would fall due at another time.`,
      `Due today: ${said.due_today_after} cards, and ${said.due_today_before} with the old ones.`,
      'Nothing was changed.',
      '',
    ].join('\n'),
    stderr: '',
  })
  const piped = (await rote('study optimize')).stdout
  expect(piped.split('\n').map((line) => line.split('\t')[0])).toEqual([...Object.keys(said), ''])
  expect(piped).toContain(`weights\t${said.weights?.join(' ')}\n`)
  expect(await rote('study optimize -q')).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('nobody is trained with the answers of others', async () => {
  await makeUser()
  const { cards } = await makeDeck('Long known', numbered(60), 'bert')
  await makeHistory(cards, { weights: SIEVE, username: 'bert' })
  expect(await rote('study optimize --user ada')).toMatchObject({ code: 1, stdout: '' })
  expect((await rote('study optimize --user bert --json')).json()).toMatchObject({ changed: true })
  expect(await sql`select username from user_settings join users using (user_id)`).toEqual([
    { username: 'bert' },
  ])
})

test('answers while cramming teach nothing', async () => {
  await sieve(30)
  await sql`update revision_attempts set scheduled = false`
  expect(await rote('study optimize')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(' 0 of the 400 answers'),
  })
})
