import { randomUUID } from 'node:crypto'
import { check } from '../core/generate/check.ts'
import { type Prompt, promptFor } from '../core/generate/prompt.ts'
import { parseReply } from '../core/generate/reply.ts'
import { placeOf } from '../core/generate/report.ts'
import { plural } from '../core/plural.ts'
import type { Database } from '../db/connect.ts'
import type { User } from '../db/user.ts'
import { CliError, conflict } from '../errors.ts'
import { safe } from '../ui/safe.ts'
import type { Terminal } from '../ui/terminal.ts'
import { finish } from './finish.ts'
import {
  giveBack,
  LEASE_S,
  renew,
  settle,
  standing,
  type Taken,
  take,
  type WorkingJob,
  workerName,
} from './job.ts'

// Without a provider: the person carries the prompt to a model of theirs, and the answer back.

/** What a person copies: one text, since a chat has no place for a system prompt. */
function promptText(job: WorkingJob, section: Taken): string {
  const { system, user } = promptOf(job, section)
  return `${system}\n\n${user}\n`
}

function promptOf({ source_title, options }: WorkingJob, section: Taken): Prompt {
  return promptFor(section, { title: source_title, options }, section.asked)
}

/** The next prompt of a job, and where it is from, without taking its section; null when all are answered. */
export async function nextPrompt(
  db: Database,
  user: User,
  job: WorkingJob,
  here: Terminal['here'],
): Promise<{ section: Taken; text: string } | null> {
  const token = randomUUID()
  const section = await take(db, user, job.job_id, token, workerName(here))
  if (!section) return null
  await giveBack(db, token)
  return { section, text: promptText(job, section) }
}

/** Takes an answer for the next section. Gives how many cards it holds; throws usage for one that cannot be used. */
export async function handIn(
  db: Database,
  user: User,
  job: WorkingJob,
  here: Terminal['here'],
  answer: string,
): Promise<number> {
  const token = randomUUID()
  const section = await take(db, user, job.job_id, token, workerName(here))
  if (!section) {
    const id = job.job_id.slice(0, 8)
    if ((await standing(db, job.job_id)).outcome === 'cancelled')
      throw conflict('This job was cancelled.', `Go on with it: rote generate retry ${id}`)
    throw conflict('Every section of this job has its answer.', `See: rote generate view ${id}`)
  }
  try {
    return await keep(db, job, section, token, answer)
  } finally {
    await giveBack(db, token)
  }
}

async function keep(
  db: Database,
  job: WorkingJob,
  section: Taken,
  token: string,
  answer: string,
): Promise<number> {
  const { proposals, complete } = parseReply(answer)
  if (proposals.length === 0 && !complete) {
    throw new CliError(
      'usage',
      'There are no cards in that answer.',
      'It should be JSON: {"cards":[{"quote":"…","page":0,"question":"…","answer":"…"}]}',
    )
  }
  const { cards, dropped } = check(proposals, section, job.options, promptOf(job, section).system)
  await settle(db, job.job_id, section.section, token, { status: 'done', cards, dropped })
  const { pending } = await standing(db, job.job_id)
  if (pending === 0) await finish(db, job)
  return cards.length
}

/**
 * Goes through the sections that have no answer yet, in a terminal: each prompt goes to the clipboard, the answer is pasted.
 * Throws interrupted for Ctrl-C; what was pasted before is kept.
 */
export async function byHand(
  db: Database,
  user: User,
  job: WorkingJob,
  term: Terminal,
  say: (text: string) => void,
): Promise<void> {
  const token = randomUUID()
  const beat = setInterval(() => void renew(db, token).catch(() => {}), (LEASE_S * 1000) / 3)
  try {
    for (;;) {
      const section = await take(db, user, job.job_id, token, workerName(term.here))
      if (!section) break
      const { sections, pending } = await standing(db, job.job_id)
      const place = `Part ${sections - pending + 1} of ${sections}, ${placeOf(section)}`
      const text = promptText(job, section)
      if (await toClipboard(text)) say(`${place}: the prompt is in your clipboard.`)
      else {
        term.stdout.write(`${safe(text)}\n`)
        say(`${place}: there is no clipboard here; the prompt stands above.`)
      }
      for (let kept = false; !kept; ) {
        say(
          'Give it to your model, and paste the whole answer here.\n(Ctrl-D when it is not taken by itself, Ctrl-C to stop)',
        )
        const answer = await pasted(term)
        try {
          say(`${plural(await keep(db, job, section, token, answer), 'card')}.`)
          kept = true
        } catch (error) {
          if (!(error instanceof CliError) || error.kind !== 'usage') throw error
          say(`${error.message} ${error.hint}`)
        }
      }
    }
  } finally {
    clearInterval(beat)
    await giveBack(db, token).catch(() => {})
  }
}

/** Puts text into the clipboard; false where there is none. */
async function toClipboard(text: string): Promise<boolean> {
  try {
    const { default: clipboard } = await import('clipboardy')
    await clipboard.write(text)
    return true
  } catch {
    return false
  }
}

/** So long nothing has come after the end of the JSON: the paste is over. */
const QUIET_MS = 400
const [CTRL_C, CTRL_D] = ['\x03', '\x04']

/**
 * What is pasted into a terminal, in raw mode: a terminal that reads lines would cut the long ones off. It ends with a
 * whole answer, or with Ctrl-D.
 */
function pasted({ stdin, stdout, onExit }: Terminal): Promise<string> {
  const restore = () => {
    stdin.setRawMode?.(false)
    stdin.pause()
  }
  const forget = onExit(restore)
  return new Promise<string>((resolve, reject) => {
    const decoder = new TextDecoder()
    let text = ''
    let timer: NodeJS.Timeout | undefined
    const leave = (how: () => void) => {
      clearTimeout(timer)
      stdin.off('data', onData).off('end', onEnd)
      forget()
      restore()
      stdout.write('\n')
      how()
    }
    const onEnd = () =>
      leave(() => reject(new CliError('interrupted', 'Stopped. What you pasted before is saved.')))
    const onData = (chunk: Buffer | string) => {
      const piece = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      if (piece.includes(CTRL_C)) return onEnd()
      text += piece.replaceAll('\r', '\n')
      stdout.write(`\r${plural(text.length, 'character')} `)
      clearTimeout(timer)
      if (text.includes(CTRL_D)) return leave(() => resolve(text.replaceAll(CTRL_D, '')))
      timer = setTimeout(() => {
        if (parseReply(text).complete) leave(() => resolve(text))
      }, QUIET_MS)
    }
    stdin.setRawMode?.(true)
    stdin.on('data', onData).on('end', onEnd).resume()
  })
}
