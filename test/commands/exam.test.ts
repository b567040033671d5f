import { expect, test } from 'vitest'
import { makeDeck, makeSchedule, minutes } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const DAY = 24 * 60

/** A deck of so many new cards. */
const newCards = (count: number) =>
  makeDeck('Exam', Object.fromEntries(Array.from({ length: count }, (_, n) => [`q${n}`, `a${n}`])))

test('the load of each day first, then the cards of today, aiming at what was asked for', async () => {
  await newCards(30)
  const { code, stdout, stderr } = await rote('study Exam --by 2026-03-12 --retention 0.95', { input: ' 3q' })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [plan = '', sitting = ''] = stdout.split(/^(?=Exam, 0 of)/m)
  expect(plan).toMatch(/█ reviews {2}░ new/)
  expect(plan).toMatch(/^Mon 2026-03-02 /m)
  expect(plan).toMatch(/^Wed 2026-03-11 /m)
  expect(sitting).toContain('-> got it')
  expect(await sql`select desired_retention from revision_attempts`).toEqual([{ desired_retention: 0.95 }])
  expect(await sql`select mode from sittings`).toEqual([{ mode: 'exam' }])
})

test('under --json the plan is there with the summary', async () => {
  await newCards(30)
  const { json } = await rote('study --by 2026-03-12 --json')
  const { exam, total } = json<{ exam: { days: { fresh: number }[]; today: number }; total: number }>()
  expect(exam).toMatchObject({ exam: '2026-03-12', retention: 0.9, late: false })
  expect(exam.days.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(30)
  expect(exam.today).toBe(total)
  expect(total).toBeLessThan(30)
})

test('cards that will be known anyway, and suspended ones, are not asked', async () => {
  const { cards } = await makeDeck('Exam', { firm: '1', held: '2' })
  await makeSchedule(cards[0]?.card_id ?? '', minutes(100 * DAY))
  await sql`update card_schedules set stability = 1000`
  await did(`card suspend ${cards[1]?.card_id}`)
  expect((await rote('study --by 2026-03-20 --json')).json()).toMatchObject({ total: 0, exam: { today: 0 } })
})

test.each([
  ['--by 2026-03-01', '2026-03-01 is in the past.'],
  ['--by tomorrow', '"tomorrow" is not a date.'],
  ['--by 2026-02-30', '"2026-02-30" is not a date.'],
  ['--by 2026-04-01 --retention 1', 'A retention is a number from 0.7 to 0.99, not 1.'],
  ['--by 2026-04-01 --retention x', "argument 'x' is invalid. It must be a number such as 0.9."],
  ['--retention 0.9', '--retention goes with --by.'],
  ['--by 2026-04-01 --cram', '--by and --cram exclude each other.'],
  ['--by 2026-04-01 --resume', '--resume goes with neither --fresh nor --cram nor --by.'],
  ['--resume --fresh', '--resume goes with neither --fresh nor --cram nor --by.'],
])('%s is refused', async (flags, message) => {
  await newCards(1)
  const ran = await rote(`study ${flags}`)
  expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(await sql`select from sittings`).toEqual([])
})

test('an exam today, and one without cards', async () => {
  await newCards(3)
  expect((await rote('study --by 2026-03-02 --json')).json()).toMatchObject({ total: 3 })
  await makeDeck('Empty')
  expect(await rote('study Empty --by 2026-03-12', { input: '' })).toMatchObject({ code: 0 })
})
