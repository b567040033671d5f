import { PassThrough, Writable } from 'node:stream'
import { Chalk } from 'chalk'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Candidate, startReview } from '../../src/core/generate/review.ts'
import type { Connection } from '../../src/db/connect.ts'
import type { Author } from '../../src/db/user.ts'
import { CliError } from '../../src/errors.ts'
import { createDesk, type Desk } from '../../src/generate/desk.ts'
import { playReview, type Regenerate } from '../../src/generate/review.ts'
import { loadReview } from '../../src/generate/waiting.ts'
import { plainLines } from '../../src/ui/markup.ts'
import type { Terminal } from '../../src/ui/terminal.ts'
import type { Input, Output } from '../../src/world.ts'
import { makeDeck, makeJob, makeUser } from '../support/builders.ts'
import { openWorkers, sql, useDatabase } from '../support/database.ts'
import { did } from '../support/rote.ts'
import { USERNAME } from '../support/world.ts'

useDatabase()

let connection: Connection
let ada: Author
beforeEach(async () => {
  await did('deck list')
  connection ??= await openWorkers()
  ada = { user_id: await makeUser(), username: USERNAME, command: 'generate review' }
})
afterAll(() => connection?.close())

/** A dumb terminal in which somebody types: what they see comes line by line. */
class Keyboard {
  readonly stdin: Input = new PassThrough()
  written = ''
  readonly #waiting: { text: string; resolve(): void }[] = []

  /** Types once the text has been seen since the keys before. */
  async type(keys: string, after: string): Promise<void> {
    if (!this.written.includes(after))
      await new Promise<void>((resolve) => this.#waiting.push({ text: after, resolve }))
    this.written = ''
    this.stdin.push(keys)
  }

  write(text: string): void {
    this.written += text
    for (const waiting of this.#waiting.splice(0)) {
      if (this.written.includes(waiting.text)) waiting.resolve()
      else this.#waiting.push(waiting)
    }
  }

  get term(): Terminal {
    const nothing = new Writable({ write: (_, __, done) => done() }) as Output
    return {
      stdin: this.stdin,
      stdout: nothing,
      stderr: nothing,
      interactive: true,
      dumb: true,
      style: new Chalk({ level: 0 }),
      graphics: () => null,
      size: () => ({ columns: 80, rows: 24 }),
      confirm: () => Promise.reject(new Error('nobody asks')),
      secret: () => Promise.reject(new Error('nobody asks')),
      edit: () => Promise.reject(new Error('nobody writes')),
      onExit: () => () => {},
      onInterrupt: () => () => {},
      background: () => Promise.reject(new Error('nobody starts anything')),
      suspend: () => {},
      here: { host: 'testhost', pid: 4711, isRunning: () => false },
    }
  }
}

async function begun(
  questions: string[],
  {
    regenerate = async () => ({ failed: 'no model' }),
    around = (desk) => desk,
  }: {
    regenerate?: Regenerate
    around?: (desk: Desk) => Desk
  } = {},
) {
  const { deck_id } = await makeDeck('Biology')
  const { job_id, candidates } = await makeJob(
    { deck_id },
    questions.map((question) => ({ question })),
  )
  const keyboard = new Keyboard()
  const waiting = await loadReview(connection.db, ada, job_id)
  const played = playReview(startReview(waiting), {
    desk: around(createDesk(connection.db, ada, job_id)),
    term: keyboard.term,
    look: { style: keyboard.term.style, lines: plainLines },
    plain: false,
    write: async (text) => keyboard.write(text),
    edit: async () => null,
    regenerate,
  })
  return { keyboard, played, candidates, deck_id }
}

const rows = () =>
  sql`select question, answer, grounding, flags, decision from ai_candidates order by position`

describe('regenerating', () => {
  const fresh = {
    question: 'better?',
    answer: 'better!',
    quote: null,
    page: null,
    grounding: 'unverified',
    flags: ['vague'],
  } as const

  test('the model is asked with the remark, and what it says is stored and shown', async () => {
    const asked: [string, string][] = []
    const { keyboard, played } = await begun(['a', 'b'], {
      regenerate: async ({ question }: Candidate, remark) => {
        asked.push([question, remark])
        return { ...fresh, flags: [...fresh.flags] }
      },
    })
    await keyboard.type('rshorter, please\r', 'Q  a')
    await keyboard.type('q', 'A  better!')
    expect((await played).interrupted).toBe(false)
    expect(asked).toEqual([['a', 'shorter, please']])
    expect(await rows()).toMatchObject([
      {
        question: 'better?',
        answer: 'better!',
        grounding: 'unverified',
        flags: ['vague'],
        decision: 'proposed',
      },
      { question: 'b' },
    ])
  })

  test('what was pasted with the remark is no decision on what comes back', async () => {
    const { keyboard, played } = await begun(['a', 'b'], {
      regenerate: async () => ({ ...fresh, flags: [...fresh.flags] }),
    })
    await keyboard.type('rshorter\nyes, and never mind', 'Q  a')
    await keyboard.type('q', 'A  better!')
    await played
    expect(await rows()).toMatchObject([{ decision: 'proposed' }, { decision: 'proposed' }])
  })

  test.each([
    ['Ctrl-C', '\x03'],
    ['Escape', '\x1b'],
  ])('%s calls it off while it runs, and nothing else', async (_, key) => {
    let signal: AbortSignal | undefined
    const { keyboard, played } = await begun(['a', 'b'], {
      regenerate: (_, __, given) => {
        signal = given
        return new Promise((_, reject) => given.addEventListener('abort', () => reject(new Error('aborted'))))
      },
    })
    await keyboard.type('r\r', 'Q  a')
    await keyboard.type(key, 'The model is being asked…')
    await keyboard.type('y', 'Called off: it stays as it was.')
    await keyboard.type('q', 'Q  b')
    expect((await played).interrupted).toBe(false)
    expect(signal?.aborted).toBe(true)
    expect(await rows()).toMatchObject([{ question: 'a', decision: 'accepted' }, { decision: 'proposed' }])
  })

  test.each<[string, Regenerate]>([
    ['in words', async () => ({ failed: 'It said nothing.' })],
    ['as an error', () => Promise.reject(new CliError('unavailable', 'It said nothing.'))],
  ])('when it fails %s that is said, and the review goes on', async (_, regenerate) => {
    const { keyboard, played } = await begun(['a', 'b'], { regenerate })
    await keyboard.type('r\r', 'Q  a')
    await keyboard.type('y', 'It said nothing.')
    await keyboard.type('q', 'Q  b')
    await played
    expect(await rows()).toMatchObject([{ question: 'a', decision: 'accepted' }, { decision: 'proposed' }])
  })

  test('the terminal goes away while it runs: the review ends', async () => {
    const { keyboard, played } = await begun(['a'], { regenerate: () => new Promise(() => {}) })
    await keyboard.type('r\r', 'Q  a')
    await expect.poll(() => keyboard.written).toContain('The model is being asked…')
    keyboard.stdin.push(null)
    expect((await played).review.items).toHaveLength(1)
  })
})

describe('somebody else at the same job', () => {
  test('one gets there and sees what was decided; nobody makes a card twice', async () => {
    const { keyboard, played } = await begun(['a', 'b', 'c', 'd'])
    await keyboard.type('', 'Q  a')
    await sql`update ai_candidates set decision = 'rejected' where question in ('b', 'c')`
    await keyboard.type('y', '')
    await keyboard.type('y', 'Q  d')
    await keyboard.type('q', 'Nothing waits any more: 2 accepted, 2 decided elsewhere.')
    await played
    expect((await sql`select question from cards order by position`).map(({ question }) => question)).toEqual(
      ['a', 'd'],
    )
  })

  test('what was decided elsewhere while it was looked at is not decided again', async () => {
    const { keyboard, played } = await begun(['a', 'b'])
    await keyboard.type('', 'Q  a')
    await sql`update ai_candidates set decision = 'rejected' where question = 'a'`
    await keyboard.type('y', '')
    await keyboard.type('q', 'It was decided elsewhere.')
    await played
    expect(await sql`select question from cards`).toEqual([])
  })

  test('a candidate that was changed elsewhere is shown as it is', async () => {
    const { keyboard, played } = await begun(['a', 'b'])
    await keyboard.type('', 'Q  a')
    await sql`update ai_candidates set answer = 'changed' where question = 'b'`
    await keyboard.type('n', '')
    await keyboard.type('q', 'A  changed')
    await played
  })

  test('what comes in meanwhile is reviewed, too', async () => {
    const { keyboard, played } = await begun(['a'])
    await keyboard.type('', 'Q  a')
    await sql`
      insert into ai_candidates (job_id, section, position, question, answer, grounding)
      select job_id, 0, 9, 'more', 'more!', 'verified' from ai_jobs`
    await keyboard.type('y', '')
    await keyboard.type('q', 'Q  more')
    await played
  })

  test('a deck that is deleted takes no card: that is said, and the rest can be rejected', async () => {
    const { keyboard, played } = await begun(['a', 'b'])
    await keyboard.type('', 'Q  a')
    await sql`update decks set deleted_at = now()`
    await keyboard.type('y', '')
    await keyboard.type('n', 'The deck of these cards is gone')
    await keyboard.type('q', 'Q  b')
    await played
    expect(await rows()).toMatchObject([{ decision: 'rejected' }, { decision: 'proposed' }])
  })
})

test('a decision that cannot be saved ends the review, with those before it kept', async () => {
  let times = 0
  const { keyboard, played } = await begun(['a', 'b'], {
    around: (desk) => ({
      ...desk,
      carryOut: (effect) =>
        ++times === 1
          ? desk.carryOut(effect)
          : Promise.reject(new CliError('unavailable', 'Your last decision could not be saved')),
    }),
  })
  await keyboard.type('y', 'Q  a')
  await keyboard.type('y', 'Q  b')
  await expect(played).rejects.toMatchObject({ kind: 'unavailable' })
  expect(await rows()).toMatchObject([{ decision: 'accepted' }, { decision: 'proposed' }])
})
