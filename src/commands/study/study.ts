import { randomUUID } from 'node:crypto'
import { InvalidArgumentError } from 'commander'
import { bindings } from '../../core/keymap.ts'
import { plural } from '../../core/plural.ts'
import { type Session, shownIn, startSession, summary } from '../../core/session.ts'
import { changeCard } from '../../db/change.ts'
import type { Database } from '../../db/connect.ts'
import { studyDay } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { CliError, usage } from '../../errors.ts'
import { loadCards } from '../../study/cards.ts'
import { createJournal, type Sitting } from '../../study/journal.ts'
import { play } from '../../study/play.ts'
import { dueTomorrow, loadCram, loadQueue } from '../../study/queue.ts'
import { type Asked, type BrokenOff, brokenOff, letBe, resumed, takeOver } from '../../study/sitting.ts'
import { summaryText } from '../../study/summary.ts'
import { type TextLines, textLines } from '../../ui/markup.ts'
import type { Terminal } from '../../ui/terminal.ts'
import { editDraft } from '../draft.ts'
import { examples, type Verb } from '../verb.ts'
import { gradeCard } from './grade.ts'
import { listHistory } from './history.ts'
import { nextCard } from './next.ts'
import { optimizeStudy } from './optimize.ts'
import { type Chosen, choose, nothingDue, type SelectOptions, selecting } from './shared.ts'
import { undoAnswer } from './undo.ts'

interface Options extends SelectOptions {
  minutes?: number
  type?: true
  strict?: true
  cram?: true
  reschedule?: true
  plain?: true
  resume?: true
  fresh?: true
}

const study: Verb = (study, run) => {
  selecting(study)
    .option('--minutes <n>', 'stop after so many minutes', minutes)
    .option('--type', 'type the answers')
    .option('--strict', 'a typed answer counts only as it is written on the card')
    .option('--cram', 'anything, due or not, weakest first; schedules stay as they are')
    .option('--reschedule', 'with --cram: answers count for the schedules after all')
    .option('--plain', 'line by line, for screen readers')
    .option('--resume', 'go on with a sitting that was broken off')
    .option('--fresh', 'begin anew instead')
    .action(
      run(async ({ db, user, config, out, term, now }, references: string[], options: Options) => {
        if (options.reschedule && !options.cram)
          throw usage('--reschedule goes with --cram.', 'See: rote study --help')
        const chosen = await choose(db, user, config, references, options, now())
        const { settings, time_zone, day } = chosen
        const quiet = out.mode === 'json' || out.mode === 'quiet'

        const before = await toGoOnWith(db, user, chosen, options, term, now())
        const begun = before
          ? await goOn(db, user, before, chosen, now())
          : await begin(db, user, chosen, options, now())
        // all that was left of it has been deleted, or answered elsewhere
        if (before && begun.session.showing.phase === 'done') await letBe(db, before, now())
        if (begun.session.showing.phase === 'done' && !quiet)
          return out.say(await nothingDue(db, user, chosen, now()))
        const sitting: Sitting = {
          ...begun.sitting,
          ...term.here,
          time_zone,
          day_start: settings.day_start,
          weights: settings.weights,
        }
        const played = await play(begun.session, {
          journal: createJournal(db, user, sitting),
          term,
          look: {
            style: term.style,
            keys: bindings(settings.keys),
            lines: await linesFor(begun.session, term),
          },
          plain: options.plain ?? false,
          write: async (text) => void (quiet || (await out.write(text))),
          now,
          edit: (card) =>
            editDraft(term, card, async (draft) => {
              await changeCard(db, user, card, draft)
              return draft
            }),
        })

        const result = summary(played.session, now())
        const tomorrow = await dueTomorrow(db, user, studyDay(settings, config.timeZone, day.end))
        if (out.mode === 'json') await out.answer('', { ...result, due_tomorrow: tomorrow })
        else if (!quiet)
          await out.write(
            `${term.interactive ? '' : '\n'}${summaryText(result, played.session.leeches, tomorrow, term.style)}\n`,
          )
        if (played.interrupted) throw new CliError('interrupted', 'Stopped. Every answer you gave is saved.')
      }),
    )
  examples(study, [
    ['rote study', 'everything that is due, then new cards'],
    ['rote study Spanish French --limit 20', 'a short sitting with two decks'],
    ['rote study Spanish --type', 'type the answers'],
    ['rote study --cram --confidence again', 'what went wrong last time, once more'],
    [`printf ' 3 1 3q' | rote study Spanish`, 'from a pipe: space shows the answer, 1 2 3 grade it'],
  ])
  for (const verb of [nextCard, gradeCard, undoAnswer, listHistory, optimizeStudy]) verb(study, run)
}
export default study

interface Begun {
  session: Session
  sitting: Omit<Sitting, 'host' | 'pid' | 'time_zone' | 'day_start' | 'weights'>
}

/** A new sitting, with what is due now, or all there is to cram. */
async function begin(db: Database, user: User, chosen: Chosen, options: Options, now: Date): Promise<Begun> {
  const { selection, settings, day, order, playlist_id, called } = chosen
  const load = options.cram ? loadCram : loadQueue
  const queue = await load(db, user, selection, chosen, order, { now, day })
  const asked: Asked = {
    deck_ids: selection.deck_ids,
    playlist_id,
    called,
    tags: selection.tags,
    direction: selection.direction,
    typed: options.type ?? false,
    strict: options.strict ?? false,
    scheduled: !options.cram || (options.reschedule ?? false),
    desired_retention: null,
  }
  const cards = (await loadCards(db, user, queue)).map((card) => ({
    ...card,
    typed: card.typed || asked.typed,
  }))
  const ends_at = options.minutes === undefined ? null : new Date(now.getTime() + options.minutes * 60_000)
  return {
    session: startSession(cards, { day_end: day.end, weights: settings.weights, ends_at, ...asked }, now),
    sitting: {
      sitting_id: randomUUID(),
      mode: options.cram ? 'cram' : 'study',
      selection: asked,
      queue,
      playlist_id,
      started_at: now,
      sessions: new Map(),
    },
  }
}

/** The sitting that was broken off today, if the person wants to go on with it. */
async function toGoOnWith(
  db: Database,
  user: User,
  chosen: Chosen,
  options: Options,
  term: Terminal,
  now: Date,
): Promise<BrokenOff | null> {
  if (options.fresh) return null
  const found = await brokenOff(db, user, chosen.day)
  if (!found || (found.host === term.here.host && found.pid !== null && term.here.isRunning(found.pid)))
    return notThere(options)
  // somebody who asks for something else now gets that
  const isSame = chosen.called === null || chosen.called === found.selection.called
  if (!isSame || options.cram) return notThere(options)
  if (!options.resume && !term.interactive) return null
  if (!options.resume) {
    const what = found.selection.called ? ` with ${found.selection.called}` : ''
    const ago = Math.max(1, Math.round((now.getTime() - found.last_answer.getTime()) / 60_000))
    const goOn = await term.confirm(
      `A sitting${what} was broken off ${plural(ago, 'minute')} ago. Go on with it?`,
      '--resume or --fresh',
      true,
    )
    if (!goOn) {
      await letBe(db, found, now)
      return null
    }
  }
  return (await takeOver(db, found, term.here)) ? found : null
}

function notThere({ resume }: Options): null {
  if (resume)
    throw new CliError('not_found', 'No sitting of today was broken off.', 'Begin one with: rote study')
  return null
}

async function goOn(db: Database, user: User, found: BrokenOff, chosen: Chosen, now: Date): Promise<Begun> {
  const { settings, day } = chosen
  const options = { day_end: day.end, weights: settings.weights, ends_at: null, ...found.selection }
  const { session, sessions } = await resumed(db, user, found, options, settings, now)
  return { session, sitting: { ...found, playlist_id: found.selection.playlist_id, sessions } }
}

/** What draws Markdown is loaded only where there is any, and where it is drawn. */
function linesFor({ queue, waiting, showing }: Session, { interactive }: Terminal): Promise<TextLines> {
  const shown = shownIn(showing)?.card
  const cards = interactive ? [...(shown ? [shown] : []), ...queue, ...waiting.map(({ card }) => card)] : []
  return textLines(cards.flatMap(({ question, answer }) => [question, answer]))
}

function minutes(text: string): number {
  const number = Number(text)
  if (!(number > 0 && number <= 1440))
    throw new InvalidArgumentError('It must be a number of minutes, more than 0.')
  return number
}
