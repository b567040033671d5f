import { startSession, summary } from '../../core/session.ts'
import { findDeck } from '../../db/find.ts'
import { readSettings, studyDay } from '../../db/settings.ts'
import { CliError } from '../../errors.ts'
import { createJournal } from '../../study/journal.ts'
import { play } from '../../study/play.ts'
import { dueTomorrow, loadQueue, newCardsLeft } from '../../study/queue.ts'
import { summaryText } from '../../study/summary.ts'
import { count, countOrNone, examples, type Verb } from '../verb.ts'
import { optimizeStudy } from './optimize.ts'

/** Enough for one sitting; another is one command away. */
const SITTING = 200

const study: Verb = (study, run) => {
  study
    .argument('[deck...]', 'only these decks (default: all)')
    .option('--limit <n>', `cards at the most (default: ${SITTING})`, count)
    .option('--new <n>', 'new cards at the most (default: what the daily limit leaves)', countOrNone)
    .action(
      run(
        async (
          { db, user, config, out, term, now },
          references: string[],
          options: { limit?: number; new?: number },
        ) => {
          const found = []
          for (const reference of references) found.push(await findDeck(db, user, reference))
          const deckIds = references.length > 0 ? found.map(({ deck_id }) => deck_id) : null
          const settings = await readSettings(db, user)
          const day = studyDay(settings, config.timeZone, now())
          const newLimit = options.new ?? (await newCardsLeft(db, user, settings, day))
          const cards = await loadQueue(
            db,
            user,
            { deckIds, limit: options.limit ?? SITTING, newLimit },
            now(),
          )

          const session = startSession(
            cards,
            { desired_retention: settings.desired_retention, weights: settings.weights, day_end: day.end },
            now(),
          )
          const quiet = out.mode === 'json' || out.mode === 'quiet'
          if (cards.length === 0 && !quiet) return out.say('Nothing is due. See when something is: rote due')
          const sitting = { started_at: now(), time_zone: settings.time_zone ?? config.timeZone }
          const journal = createJournal(db, user, sitting)
          const played = await play(
            session,
            journal,
            term,
            async (text) => void (quiet || (await out.write(text))),
            now,
          )

          const result = summary(played.session, now())
          const tomorrow = await dueTomorrow(db, user, studyDay(settings, config.timeZone, day.end))
          if (out.mode === 'json') await out.answer('', { ...result, due_tomorrow: tomorrow })
          else if (!quiet)
            await out.write(`${term.interactive ? '' : '\n'}${summaryText(result, tomorrow, term.style)}\n`)
          if (played.interrupted)
            throw new CliError('interrupted', 'Stopped. Every answer you gave is saved.')
        },
      ),
    )
  examples(study, [
    ['rote study', 'everything that is due, then new cards'],
    ['rote study Spanish French --limit 20', 'a short sitting with two decks'],
    [`printf ' 3 1 3q' | rote study Spanish`, 'from a pipe: space shows the answer, 1 2 3 grade it'],
  ])
  optimizeStudy(study, run)
}
export default study
