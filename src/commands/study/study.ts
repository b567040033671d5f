import { randomUUID } from 'node:crypto'
import { InvalidArgumentError } from 'commander'
import type { Config } from '../../config.ts'
import { checkExam, type ExamPlan, planExam } from '../../core/exam.ts'
import { bindings } from '../../core/keymap.ts'
import { plural } from '../../core/plural.ts'
import { summary } from '../../core/progress.ts'
import type { Schedule } from '../../core/schedule.ts'
import { type Session, shownIn, startSession } from '../../core/session.ts'
import type { StudyCard } from '../../core/study-card.ts'
import { rewriteCard } from '../../db/change.ts'
import type { Database } from '../../db/connect.ts'
import { imagesOf } from '../../db/images.ts'
import { studyDay } from '../../db/settings.ts'
import type { User } from '../../db/user.ts'
import { CliError, usage } from '../../errors.ts'
import { type CardKey, loadCards } from '../../study/cards.ts'
import { examTable } from '../../study/exam.ts'
import { createJournal, type Sitting } from '../../study/journal.ts'
import type { Pictures } from '../../study/pictures.ts'
import { play } from '../../study/play.ts'
import {
  dueTomorrow,
  EVERYTHING,
  loadCram,
  loadForExam,
  loadQueue,
  type Selection,
} from '../../study/queue.ts'
import { type Asked, type BrokenOff, letBe, notEnded, resumed, takeOver } from '../../study/sitting.ts'
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
  by?: string
  retention?: number
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
    .option('--by <date>', 'for an exam on that day: what to see each day until then, and today')
    .option('--retention <r>', 'with --by: the chance of recall wanted on that day', number)
    .option('--plain', 'line by line, for screen readers')
    .option('--resume', 'go on with a sitting that was broken off')
    .option('--fresh', 'begin anew instead')
    .action(
      run(async ({ db, user, config, out, term, now }, references: string[], options: Options) => {
        if (options.reschedule && !options.cram)
          throw usage('--reschedule goes with --cram.', 'See: rote study --help')
        if (options.resume && (options.fresh || options.cram || options.by !== undefined))
          throw usage('--resume goes with neither --fresh nor --cram nor --by.', 'See: rote study --help')
        const chosen = await choose(db, user, config, references, options, now())
        const { settings, day } = chosen
        const exam = await examOf(db, user, chosen, options)
        const quiet = out.mode === 'json' || out.mode === 'quiet'

        const before = exam ? null : await toGoOnWith(db, user, chosen, options, term, now())
        const begun = before
          ? await goOn(db, user, before, chosen, options, now())
          : await begin(db, user, chosen, options, exam, now())
        if (exam && !quiet) {
          await out.write(`${examTable(exam, Math.min(WIDEST_PLAN, term.size().columns), term.style)}\n\n`)
          const go =
            !term.interactive ||
            exam.today.length === 0 ||
            (await term.confirm("Study today's cards?", '--yes', true))
          if (!go) return
        }
        // all that was left of it has been deleted, or answered elsewhere
        if (before && begun.session.showing.phase === 'done') await letBe(db, before, now())
        if (begun.session.showing.phase === 'done' && !quiet)
          return out.say(await nothingDue(db, user, chosen, now()))
        const sitting: Sitting = {
          ...begun.sitting,
          ...term.here,
          zone: () => settings.time_zone ?? config.timeZone.name,
          studyDate: (at) => studyDay(settings, config.timeZone, at).date,
          weights: settings.weights,
        }
        const pictures = await picturesFor(db, begun.session, config, term, options.plain ?? false)
        const played = await play(begun.session, {
          journal: createJournal(db, user, sitting),
          term,
          look: {
            style: term.style,
            keys: bindings(settings.keys),
            lines: await linesFor(begun.session, term),
            ...(pictures && { pictures }),
          },
          plain: options.plain ?? false,
          write: async (text) => void (quiet || (await out.write(text))),
          now,
          edit: (card) =>
            editDraft(term, card, async (draft) => {
              await rewriteCard(db, user, card, draft)
              return draft
            }),
        })

        const result = summary(played.session, now())
        const tomorrow = await dueTomorrow(db, user, studyDay(settings, config.timeZone, day.end))
        if (out.mode === 'json')
          await out.answer('', { ...result, due_tomorrow: tomorrow, ...(exam && { exam: published(exam) }) })
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
    ['rote study Law --by 2027-06-30 --retention 0.95', 'so that it is known on the day of the exam'],
    [`printf ' 3 1 3q' | rote study Spanish`, 'from a pipe: space shows the answer, 1 2 3 grade it'],
  ])
  for (const verb of [nextCard, gradeCard, undoAnswer, listHistory, optimizeStudy]) verb(study, run)
  // Commander takes the options of `study` behind its verbs, too
  study.hook('preAction', (_, verb) => {
    const given = study.options.filter(
      (option) => study.getOptionValueSource(option.attributeName()) === 'cli',
    )
    const foreign = given.find(({ long }) => !verb.options.some((option) => option.long === long))
    if (verb !== study && foreign)
      throw usage(`Unknown option '${foreign.long}'.`, `See: rote study ${verb.name()} --help`)
  })
}
export default study

interface Begun {
  session: Session
  sitting: Omit<Sitting, 'host' | 'pid' | 'zone' | 'studyDate' | 'weights'>
}

/** A new sitting, with what is due now, or all there is to cram. */
async function begin(
  db: Database,
  user: User,
  chosen: Chosen,
  options: Options,
  exam: Exam | null,
  now: Date,
): Promise<Begun> {
  const { selection, settings, day, order, playlist_id, called } = chosen
  const load = options.cram ? loadCram : loadQueue
  const queue = exam
    ? exam.today.map(({ key }) => key).slice(0, options.limit)
    : await load(db, user, selection, chosen, order, { now, day })
  const asked: Asked = {
    deck_ids: selection.deck_ids,
    playlist_id,
    called,
    tags: selection.tags,
    difficulty: selection.difficulty,
    confidence: selection.confidence,
    direction: selection.direction,
    typed: options.type ?? false,
    strict: options.strict ?? false,
    scheduled: !options.cram || (options.reschedule ?? false),
    desired_retention: exam?.retention ?? null,
  }
  const cards = (await loadCards(db, user, queue)).map((card) => ({
    ...card,
    typed: card.typed || asked.typed,
    desired_retention: asked.desired_retention ?? card.desired_retention,
  }))
  const ends_at = endOf(options.minutes, now)
  return {
    session: startSession(cards, { day_end: day.end, weights: settings.weights, ends_at, ...asked }, now),
    sitting: {
      sitting_id: randomUUID(),
      mode: exam ? 'exam' : options.cram ? 'cram' : 'study',
      selection: asked,
      queue,
      playlist_id,
      started_at: now,
      sessions: new Map(),
    },
  }
}

/** When a sitting of so many minutes is over; null: when its cards are. */
function endOf(minutes: number | undefined, now: Date): Date | null {
  return minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000)
}

type Exam = ExamPlan<{ key: CardKey; schedule: Schedule | null }>

/** Wider bars say no more. */
const WIDEST_PLAN = 80

/** The plan for an exam, when there is one. Throws usage for a date or a retention that makes no sense. */
async function examOf(db: Database, user: User, chosen: Chosen, options: Options): Promise<Exam | null> {
  const { by, retention = chosen.settings.desired_retention } = options
  if (by === undefined) {
    if (options.retention === undefined) return null
    throw usage('--retention goes with --by.', 'Such as: rote study --by 2027-06-30 --retention 0.95')
  }
  if (options.cram) throw usage('--by and --cram exclude each other.', 'See: rote study --help')
  checkExam(by, retention, chosen.day.date)
  const cards = await loadForExam(db, user, chosen.selection)
  if (cards.length === 0) return null
  return planExam(cards, { today: chosen.day, exam: by, retention, weights: chosen.settings.weights })
}

/** A plan under --json; the cards of today are the sitting's. */
function published({ today, ...plan }: Exam) {
  return { ...plan, today: today.length }
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
  // somebody who asks for something else now gets that
  if (options.cram) return null
  const { here } = term
  const isBare = isSame(chosen, EVERYTHING)
  const found = (await notEnded(db, user, chosen.day)).find(
    ({ host, pid, selection }) =>
      (isBare || isSame(chosen, selection)) && !(host === here.host && pid !== null && here.isRunning(pid)),
  )
  if (!found) return notThere(options)
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

/** Whether the same is asked for: decks in any order, and the filters. */
function isSame({ selection }: Chosen, other: Selection): boolean {
  const filters = ({ deck_ids, tags, difficulty, confidence, direction }: Selection) =>
    JSON.stringify([deck_ids && [...deck_ids].sort(), [...tags].sort(), difficulty, confidence, direction])
  return filters(selection) === filters(other)
}

function notThere({ resume }: Options): null {
  if (resume)
    throw new CliError('not_found', 'No sitting of today was broken off.', 'Begin one with: rote study')
  return null
}

async function goOn(
  db: Database,
  user: User,
  found: BrokenOff,
  { settings, day }: Chosen,
  { minutes }: Options,
  now: Date,
): Promise<Begun> {
  const ends_at = endOf(minutes, now)
  const options = { day_end: day.end, weights: settings.weights, ends_at, ...found.selection }
  const { session, sessions } = await resumed(db, user, found, options, settings, now)
  return { session, sitting: { ...found, playlist_id: found.selection.playlist_id, sessions } }
}

/** What draws images is loaded only where there is any. */
async function picturesFor(
  db: Database,
  session: Session,
  config: Config,
  term: Terminal,
  plain: boolean,
): Promise<Pictures | null> {
  const images = await imagesOf(db, [...new Set(cardsOf(session).map(({ card_id }) => card_id))])
  if (images.length === 0) return null
  const { createPictures } = await import('../../study/pictures.ts')
  return createPictures(images, config.images, term.interactive && !plain ? term.graphics() : null)
}

function cardsOf({ queue, waiting, showing }: Session): StudyCard[] {
  const shown = shownIn(showing)?.card
  return [...(shown ? [shown] : []), ...queue, ...waiting.map(({ card }) => card)]
}

/** What draws Markdown is loaded only where there is any, and where it is drawn. */
function linesFor(session: Session, { interactive }: Terminal): Promise<TextLines> {
  const cards = interactive ? cardsOf(session) : []
  return textLines(cards.flatMap(({ question, answer }) => [question, answer]))
}

function number(text: string): number {
  if (text.trim() === '' || Number.isNaN(Number(text)))
    throw new InvalidArgumentError('It must be a number such as 0.9.')
  return Number(text)
}

function minutes(text: string): number {
  const number = Number(text)
  if (!(number > 0 && number <= 1440))
    throw new InvalidArgumentError('It must be a number of minutes, more than 0 and at most 1440.')
  return number
}
