import type { Stats } from 'node:fs'
import { and, sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck, isId } from '../../db/find.ts'
import { decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { ownedBy } from '../../db/where.ts'
import { CliError, usage } from '../../errors.ts'
import { FORMAT_NAMES, type FormatName } from '../../formats/format.ts'
import type { Gathered } from '../../import/gather.ts'
import type { Progress } from '../../import/history.ts'
import { ON_DUPLICATE, ON_ERROR, type OnDuplicate, type OnError } from '../../import/policy.ts'
import type { ImportReport, TargetDeck } from '../../import/write.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import type { World } from '../../world.ts'
import { thingAt, writeFile } from '../file.ts'
import { columnMap } from '../parse.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'

interface Options {
  deck?: string
  format?: FormatName
  columns?: Record<string, string>
  encoding?: string
  onDuplicate: OnDuplicate
  onError: OnError
  rejects?: string
  tag?: string[]
  withHistory?: true
  prune?: true
  dryRun?: true
}

export const importDeck: Verb = (deck, run) => {
  const command = deck
    .command('import [file]')
    .description('take cards from a file, or from standard input (-)')
    .option(
      '--deck <deck>',
      'the deck to put them in, made if it does not exist (default: the name of the file)',
    )
    .option(
      '--format <format>',
      `what the file is: ${FORMAT_NAMES.join(', ')} (default: by the name of the file, or its content)`,
      oneOf(FORMAT_NAMES),
    )
    .option('--columns <map>', 'which column is what: question=expression,answer=meaning', columnMap)
    .option(
      '--encoding <encoding>',
      'how its letters are stored, such as shift_jis (default: UTF-8, or what the file says)',
    )
    .option(
      '--on-duplicate <policy>',
      `what to do with a card that is there already: ${ON_DUPLICATE.join(', ')}`,
      oneOf(ON_DUPLICATE),
      'skip',
    )
    .option(
      '--on-error <policy>',
      'what to do when a record cannot be read: abort, and nothing is imported, or skip it',
      oneOf(ON_ERROR),
      'abort',
    )
    .option('--rejects <file>', 'where to write the records that were skipped, and beside them why')
    .option('--tag <tag>', 'a tag for all cards; may be given several times', several)
    .option('--with-history', 'take the answers along that come with the cards')
    .option('--prune', 'move cards to the trash that are not in the file any more')
    .option('--dry-run', 'say what would happen, write nothing')
    .action(
      run(async ({ db, user, config, out, term, now }, file: string | undefined, options: Options) => {
        checkOptions(options)
        // the other verbs of this noun need nothing of this
        const [{ chooseFormat, formats }, { gather }, { openSource }, { writeCards }] = await Promise.all([
          import('../../formats/registry.ts'),
          import('../../import/gather.ts'),
          import('../../import/source.ts'),
          import('../../import/write.ts'),
        ])
        const source = await openSource(
          file,
          term.stdin,
          'Name a file, or pipe one in: … | rote deck import - --deck <name>',
        )
        const deck = options.deck === undefined ? null : checkName('deck', options.deck)
        const otherwise = deck ?? (source.deck === null ? null : checkName('deck', source.deck))
        const { dryRun = false, rejects } = options
        const there = rejects === undefined || dryRun ? null : await thingAt(rejects)
        if (there?.isFile() && !(await term.confirm(`Replace ${rejects}?`, '--yes')))
          return out.nothing('Nothing was imported.')
        const format = options.format ?? chooseFormat(source.name, source.head)
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        try {
          const preambles: string[] = []
          const reading = {
            columns: options.columns ?? {},
            encoding: options.encoding,
            preamble: (raw: string) => preambles.push(raw),
          }
          const gathered = await gather(formats[format].read(source.bytes, reading), {
            name: source.name,
            deck,
            otherwise,
            tags: options.tag ?? [],
            onDuplicate: options.onDuplicate,
            onError: options.onError,
            progress(cards) {
              const done = source.done()
              const percent = done === null ? '' : ` (${Math.floor(done * 100)} %)`
              progress.show(`${cards.toLocaleString('en')} cards read${percent}`)
            },
          })
          try {
            const inDeck = { named: [deck, otherwise], user, gathered }
            const target = {
              user_id: user.user_id,
              source: source.name,
              format,
              onDuplicate: options.onDuplicate,
              now: now(),
              progress: options.withHistory ? await historyFor(db, user, config, now()) : null,
              prune: options.prune ?? false,
              onWritten: (cards: number) =>
                progress.show(
                  `${cards.toLocaleString('en')} of ${gathered.cards.toLocaleString('en')} cards written`,
                ),
            }
            /** All or nothing: the decks, if they have to be made, and their cards. A dry run cannot write anything. */
            const write = (dryRun: boolean, mayPrune = Infinity) =>
              db.transaction(
                async (db) => {
                  const decks = await targets(db, inDeck, dryRun)
                  const report = await writeCards(db, gathered, { ...target, decks, dryRun })
                  if (report.pruned > mayPrune)
                    throw new CliError(
                      'try_later',
                      'The deck changed while you were asked.',
                      'Run the same command again.',
                    )
                  return report
                },
                dryRun ? { isolationLevel: 'repeatable read', accessMode: 'read only' } : undefined,
              )
            let mayPrune = Infinity
            if (options.prune && !dryRun) {
              progress.show('comparing')
              mayPrune = (await write(true)).pruned
              progress.pause()
              const question = `${plural(mayPrune, 'card')} ${mayPrune === 1 ? 'is' : 'are'} not in ${source.name} any more. To the trash?`
              if (mayPrune > 0 && !(await term.confirm(question, '--yes')))
                return out.nothing('Nothing was imported.')
            }
            if (rejects !== undefined && !dryRun && gathered.rejected > 0)
              await writeRejects(rejects, there, gathered, preambles, term.onExit)
            progress.show(`${dryRun ? 'comparing' : 'writing'} ${gathered.cards.toLocaleString('en')} cards`)
            const report = await write(dryRun, mayPrune)
            progress.stop()
            const sentence = summary(report, gathered.decks)
            if (out.mode === 'table') await out.answer(sentence, report)
            else {
              out.say(sentence)
              await out.done(reportView, report, sentence)
            }
            if (report.rejected > 0) throw await leftOut(gathered, source.name, dryRun ? undefined : rejects)
          } finally {
            await gathered.batches.discard()
          }
        } finally {
          progress.stop()
        }
      }),
    )
  examples(command, [
    ['rote deck import capitals.csv', 'into the deck "capitals"'],
    ['xsv select word,meaning words.csv | rote deck import - --deck Words', 'from a pipe'],
    ['rote deck import n5.csv --columns question=expression,answer=meaning', 'name the columns'],
  ])
}

/** Throws usage for flags that contradict each other. */
function checkOptions({ onDuplicate, onError, rejects, prune }: Options): void {
  if (rejects !== undefined && onError === 'abort')
    throw usage('--rejects is for records that are skipped.', 'Skip them: --on-error skip --rejects <file>')
  if (prune && (onDuplicate === 'keep' || onDuplicate === 'error'))
    throw usage(
      `--prune goes by which cards are there already, and --on-duplicate ${onDuplicate} takes none as that.`,
      'To bring the deck to what the file says: --on-duplicate update --prune',
    )
}

/** The decks of an input, in its order. In a dry run those that are missing have no id, and nobody to belong to but the person. */
async function targets(
  db: Database,
  { named, user, gathered }: { named: (string | null)[]; user: User; gathered: Gathered },
  dryRun: boolean,
): Promise<TargetDeck[]> {
  const decks: TargetDeck[] = []
  for (const name of gathered.decks) {
    const found = named.includes(name) ? await findTarget(db, user, name) : await ownDeck(db, user, name)
    const missing = dryRun ? { deck_id: null, user_id: user.user_id } : null
    decks.push(found ?? missing ?? (await makeDeck(db, user, name)))
  }
  return decks
}

/** A deck as a person names it; null for one that has to be made. */
async function findTarget(db: Database, user: User, name: string): Promise<TargetDeck | null> {
  try {
    return await findDeck(db, user, name, 'edit')
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found' || isId(name)) throw error
    return null
  }
}

/** A deck as a file names it, which is the person's own whatever stands in its name. */
async function ownDeck(db: Database, user: User, name: string): Promise<TargetDeck | null> {
  const [found] = await db
    .select({ deck_id: decks.deck_id, user_id: decks.user_id })
    .from(decks)
    .where(and(ownedBy(user), sql`lower(${decks.name}) = lower(${name})`))
    .orderBy(sql`${decks.name} = ${name} desc`, decks.created_at)
    .limit(1)
  return found ?? null
}

async function makeDeck(db: Database, user: User, name: string): Promise<TargetDeck> {
  const [made] = await db
    .insert(decks)
    .values({ user_id: user.user_id, name })
    .onConflictDoNothing()
    .returning({ deck_id: decks.deck_id, user_id: decks.user_id })
  // somebody made it in this very moment
  return made ?? (await findDeck(db, user, name, 'edit'))
}

/** What takes answers along, by the person's settings. */
async function historyFor(db: Database, user: User, { timeZone }: Config, now: Date): Promise<Progress> {
  const [{ replayer }, { readSettings, studyDay }, { rebuildCards }] = await Promise.all([
    import('../../core/replay.ts'),
    import('../../db/settings.ts'),
    import('../../study/rebuild.ts'),
  ])
  const settings = await readSettings(db, user)
  const { end: day_end } = studyDay(settings, timeZone, now)
  return {
    replay: replayer(settings),
    dayOf: (at) => studyDay(settings, timeZone, at).date,
    rebuild: (db, ids) => rebuildCards(db, user, ids, { ...settings, day_end, dry_run: false }),
  }
}

/** Writes the skipped records as they are into a file that can be mended and imported, and what was wrong with each beside it. */
async function writeRejects(
  path: string,
  there: Stats | null,
  { rejects }: Gathered,
  preambles: readonly string[],
  onExit: World['onExit'],
): Promise<void> {
  const line = (text: string) => (/[\r\n]$/.test(text) ? text : `${text}\n`)
  let verbatim = 0
  for await (const some of rejects()) verbatim += some.filter(({ raw }) => raw !== undefined).length
  if (verbatim > 0)
    await writeFile(
      path,
      there,
      async (put) => {
        for (const raw of preambles) await put(line(raw))
        for await (const some of rejects()) await put(some.map(({ raw }) => (raw ? line(raw) : '')).join(''))
      },
      { onExit },
    )
  const reasons = `${path}.jsonl`
  await writeFile(
    reasons,
    await thingAt(reasons),
    async (put) => {
      for await (const some of rejects())
        await put(some.map((reject) => `${JSON.stringify(reject)}\n`).join(''))
    },
    { onExit },
  )
}

async function leftOut(gathered: Gathered, name: string, rejects: string | undefined): Promise<CliError> {
  const { rejected, cards, repeated } = gathered
  const total = (rejected + cards + repeated).toLocaleString('en')
  const sentence = `${rejected.toLocaleString('en')} of ${total} records ${rejected === 1 ? 'was' : 'were'} left out.`
  if (rejects !== undefined)
    return new CliError('partial', sentence, `What is wrong with them: ${rejects}.jsonl`)
  const { describe } = await import('../../import/gather.ts')
  const lines = await describe(gathered.rejects(), rejected, name)
  return new CliError('partial', [...lines, sentence].join('\n'), 'To keep them: --rejects <file>')
}

function summary(report: ImportReport, decks: readonly string[]): string {
  const { added, updated, unchanged, skipped, pruned, attempts, dry_run } = report
  const n = (count: number) => count.toLocaleString('en')
  const rest = [
    ...(unchanged > 0 ? [`${n(unchanged)} unchanged`] : []),
    ...(pruned > 0 ? [`${n(pruned)} to the trash`] : []),
    ...(attempts > 0 ? [`${plural(attempts, 'answer')} taken along`] : []),
  ]
  const counts = [`${n(added)} added`, `${n(updated)} updated`, `${n(skipped)} skipped`, ...rest].join(', ')
  const into = decks.length > 1 ? `${n(decks.length)} decks` : `"${decks[0] ?? ''}"`
  return `${dry_run ? 'Would import into' : 'Imported into'} ${into}: ${counts}.`
}

const reportView: View<ImportReport> = {
  columns: (['added', 'updated', 'unchanged', 'skipped', 'rejected', 'pruned', 'attempts'] as const).map(
    (header) => ({
      header,
      value: (report) => report[header],
    }),
  ),
  key: ({ import_id }) => import_id ?? '',
  empty: '',
}
