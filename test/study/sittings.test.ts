import { expect, test } from 'vitest'
import type { Direction, Grade } from '../../src/core/card.ts'
import { replayer } from '../../src/core/replay.ts'
import { pick, random } from '../core/random.ts'
import { makeDeck } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { did, rote } from '../support/rote.ts'
import { NOW } from '../support/world.ts'

useDatabase()

/** More when they are asked for: each is some twenty commands. */
const RUNS = Number(process.env.ROTE_PROPERTY_RUNS ?? 20)

/** Everything that studying writes, but for what says when it was written. */
async function rows() {
  const schedules = await sql`select * from card_schedules order by card_id, direction`
  const attempts = await sql`select * from revision_attempts order by attempted_at, attempt_id`
  const cards = await sql`
    select card_id, question, answer, tags, difficulty_level, confidence_status, accepted_answers, unseen
    from cards order by card_id`
  return { schedules, attempts, cards }
}

/** What the rows of schedules must be, by the attempts alone; held cards that were never answered left out. */
async function expectReplayed() {
  const attempts = await sql<
    {
      card_id: string
      direction: Direction
      confidence_status: Grade
      attempted_at: Date
      desired_retention: number
      scheduled: boolean
    }[]
  >`select * from revision_attempts order by attempted_at, attempt_id`
  const schedules = await sql`select * from card_schedules where state <> 'new' order by card_id, direction`
  const work = replayer({ desired_retention: 0.9, weights: null })
  for (const {
    user_id: _,
    card_id,
    direction,
    suspended_at: __,
    buried_until: ___,
    first_review,
    ...schedule
  } of schedules) {
    const own = attempts.filter((a) => a.scheduled && a.card_id === card_id && a.direction === direction)
    expect(schedule).toEqual(work(own))
    expect(first_review).toEqual(own[0]?.attempted_at)
  }
  const answered = new Set(attempts.filter((a) => a.scheduled).map((a) => `${a.card_id} ${a.direction}`))
  expect(schedules.map((s) => `${s.card_id} ${s.direction}`).sort()).toEqual([...answered].sort())
  for (const { card_id, confidence_status, unseen } of await sql`select * from cards`) {
    const last = attempts.filter((a) => a.card_id === card_id).at(-1)
    expect(confidence_status).toBe(last?.confidence_status ?? null)
    expect(unseen).toBe(!answered.has(`${card_id} forward`))
  }
}

test('whatever a person does and however it ends: rows are what is left of the answers gives, and undo is exact', async () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    await sql`delete from users`
    const next = random(seed)
    let clock = NOW.getTime()
    const now = () => {
      clock += 1 + Math.floor(next() * 40_000)
      return new Date(clock)
    }
    const { cards } = await makeDeck('Deck', { a: '1', b: '2', c: '3', d: '4', e: '5' })
    await sql`update cards set reversible = true where question = 'e'`

    for (let sitting = 0; sitting < 4; sitting++) {
      const keys = Array.from({ length: 4 + Math.floor(next() * 10) }, () =>
        pick(next, [' 3', ' 1', ' 2', ' ', 'u', 'uu', 's', 'b', 'd', 'n', 'w ', '? ', ' 1u', ' u']),
      ).join('')
      const mode = pick(next, ['study --resume', 'study', 'study --fresh', 'study --cram', 'study --reverse'])
      const killed = next() < 0.5
      const ran = await rote(mode, { input: keys, now, killed })
      expect(
        ran.code === 0 || killed || ran.stderr.startsWith('No sitting'),
        `${seed} ${mode} ${keys}: ${ran.stderr}`,
      ).toBe(true)
      if (next() < 0.3) await rote('study undo', { now })
      if (next() < 0.3)
        await did(`study grade ${cards[0]?.card_id} ${pick(next, ['again', 'got_it'])}`, { now })
      if (next() < 0.2) await did(`card edit ${cards[1]?.card_id} -A changed${seed}`, { now })
      await expectReplayed()
      if (next() < 0.4) clock += 2 * 86_400_000
    }

    // one more step in the sitting that was broken off, and back
    await sql`update card_schedules set suspended_at = null, buried_until = null`
    await sql`delete from card_schedules where state = 'new'`
    clock += 60 * 86_400_000
    await rote('study --fresh', { input: ' 1 3', now, killed: true })
    const before = await rows()
    const step = pick(next, [' 3', ' 1', ' 2', 's', 'b', 'd', 'n'])
    const { stdout, stderr } = await rote('study --resume', { input: `${step}u`, now, killed: true })
    expect(stdout, `${seed}: ${step} ${stderr}`).toContain('Took back the last')
    expect(await rows(), `${seed}: ${step}`).toEqual(before)
  }
}, 2_000_000)
