import type { Stats } from 'node:fs'
import { and, sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import { changeText } from '../../core/changes.ts'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck, findImport, isId } from '../../db/find.ts'
import type { Change } from '../../db/history.ts'
import { decks } from '../../db/schema.ts'
import { IN_DECK, OF_ATTEMPT, OF_SCHEDULE, seeNewRows } from '../../db/statistics.ts'
import { undoChange } from '../../db/undo.ts'
import type { User } from '../../db/user.ts'
import { ownedBy } from '../../db/where.ts'
import { CliError, usage } from '../../errors.ts'
import { DELIMITER_NAMES } from '../../formats/delimiters.ts'
import {
  EXTRAS,
  type Extra,
  FORMAT_NAMES,
  type FormatName,
  QUOTINGS,
  type Quoting,
  type ReadOptions,
} from '../../formats/format.ts'
import type { Gathered } from '../../import/gather.ts'
import type { Progress } from '../../import/history.ts'
import { ON_DUPLICATE, ON_ERROR, type OnDuplicate, type OnError } from '../../import/policy.ts'
import type { ImportReport, TargetDeck } from '../../import/write.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import type { World } from '../../world.ts'
import { thingAt, writeFile } from '../file.ts'
import { columnMap, delimiter, separator } from '../parse.ts'
import { examples, oneOf, several, type Verb } from '../verb.ts'

/** How long a picture may take on its way to its store. */
const IMAGE_MS = 60_000
/** As many as anybody reads. */
const WARNINGS = 20

interface Options {
  deck?: string
  format?: FormatName
  columns?: Record<string, string>
  encoding?: string
  delimiter?: string
  quote?: Quoting
  header?: boolean
  tagSep?: string
  extra?: Extra
  rowSep?: string
  onDuplicate: OnDuplicate
  onError: OnError
  rejects?: string
  tag?: string[]
  withHistory?: true
  prune?: true
  dryRun?: true
  undo?: string
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
      `what the file is: ${FORMAT_NAMES.join(', ')} (default: by its content, or its name)`,
      oneOf(FORMAT_NAMES),
    )
    .option('--columns <map>', 'which column is what: question=expression,answer=meaning', columnMap)
    .option(
      '--encoding <encoding>',
      'how its letters are stored, such as shift_jis (default: UTF-8, or what the file says)',
    )
    .option(
      '--delimiter <delimiter>',
      `what stands between columns: ${Object.keys(DELIMITER_NAMES).join(', ')} or a character (default: found out)`,
      delimiter,
    )
    .option(
      '--quote <rule>',
      `what a quote is: ${QUOTINGS.join(', ')} (default: strict between commas and semicolons, else relaxed)`,
      oneOf(QUOTINGS),
    )
    .option('--header', 'the first row is names of columns')
    .option('--no-header', 'the first row is a card')
    .option('--tag-sep <separator>', 'what stands between tags (default: a comma, or a space)', separator)
    .option(
      '--extra <what>',
      `what to do with cells beyond the last column: ${EXTRAS.join(', ')}`,
      oneOf(EXTRAS),
    )
    .option(
      '--row-sep <separator>',
      'what stands between the rows of quizlet (default: a line break)',
      separator,
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
    .option('--undo <import>', 'take an import back, by its id or the beginning of it; nothing is read')
    .action(
      run(async ({ db, user, config, out, term, now }, file: string | undefined, options: Options) => {
        if (options.undo !== undefined) {
          if (file !== undefined)
            throw usage('--undo takes an import back and reads no file.', 'Leave one of them out.')
          const change = await findImport(db, user, options.undo)
          const undone = await undoChange(db, user, change, now())
          return out.done(undoneView, undone, `Took the import back: ${changeText(undone.parts)}.`)
        }
        checkOptions(options)
        // the other verbs of this noun need nothing of this
        const [
          { formats },
          { chooseFormat },
          { gather, inWords },
          { openSource },
          { openRecords, imageKeeper },
          write,
        ] = await Promise.all([
          import('../../formats/registry.ts'),
          import('../../formats/sniff.ts'),
          import('../../import/gather.ts'),
          import('../../import/source.ts'),
          import('../../import/records.ts'),
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
        const preambles: string[] = []
        const reading = readOptions(options, (raw) => preambles.push(raw))
        const format = options.format ?? chooseFormat(source.name, source.head, reading)
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        const forget = dryRun ? () => {} : term.onExit(() => out.say('Nothing was imported.'))
        try {
          const history = options.withHistory ?? false
          const opened = await openRecords(formats[format], source, { ...reading, history }).catch(
            (error) => {
              throw error instanceof CliError ? inWords(error, source.name) : error
            },
          )
          const warnings: string[] = []
          const store = async (bytes: Uint8Array, name: string) => {
            const { storeImage } = await import('../../images/store.ts')
            return storeImage(config.images, bytes, name, AbortSignal.timeout(IMAGE_MS))
          }
          const gathered = await gather(opened.records, {
            name: source.name,
            deck,
            otherwise,
            tags: options.tag ?? [],
            onDuplicate: options.onDuplicate,
            onError: options.onError,
            hint: 'To import the others: --on-error skip --rejects <file>',
            progress(cards) {
              const done = source.done()
              const percent = done === null ? '' : ` (${Math.floor(done * 100)} %)`
              progress.show(`${cards.toLocaleString('en')} cards read${percent}`)
            },
            // a dry run writes nothing, not even a picture
            ...(!dryRun && { imageUrl: imageKeeper(opened.media, store, warnings) }),
          }).finally(opened.close)
          try {
            const inDeck = { named: [deck, otherwise], user, gathered }
            // a record that was left out may be one of the cards
            const prune = options.prune === true && gathered.rejected === 0
            const target = {
              user_id: user.user_id,
              source: source.name,
              format,
              onDuplicate: options.onDuplicate,
              now: now(),
              progress: options.withHistory ? await historyFor(db, user, config, now()) : null,
              prune,
              onWritten: (cards: number) =>
                progress.show(
                  `${cards.toLocaleString('en')} of ${gathered.cards.toLocaleString('en')} cards written`,
                ),
            }
            /** All or nothing: the decks, if they have to be made, and their cards. A dry run cannot write anything. */
            const writeAll = (dryRun: boolean, mayPrune = Infinity) => {
              const work = async (db: Database) => {
                const decks = await targets(db, inDeck, dryRun)
                const report = await write.writeCards(db, gathered, { ...target, decks, dryRun })
                if (report.pruned > mayPrune)
                  throw new CliError(
                    'try_later',
                    'The deck changed while you were asked.',
                    'Run the same command again.',
                  )
                // from here on only the database knows
                if (!dryRun) forget()
                return report
              }
              return dryRun
                ? db.transaction(work, { isolationLevel: 'repeatable read', accessMode: 'read only' })
                : changing(db, user, work, { whole: true })
            }
            let mayPrune = Infinity
            if (prune && !dryRun) {
              progress.show('comparing')
              mayPrune = (await writeAll(true)).pruned
              progress.pause()
              const question = `${plural(mayPrune, 'card')} ${mayPrune === 1 ? 'is' : 'are'} not in ${source.name} any more. To the trash?`
              if (mayPrune > 0 && !(await term.confirm(question, '--yes')))
                return out.nothing('Nothing was imported.')
            }
            if (rejects !== undefined && !dryRun && gathered.rejected > 0)
              await writeRejects(
                rejects,
                there,
                gathered,
                { preambles, encoding: options.encoding },
                term.onExit,
              )
            progress.show(`${dryRun ? 'comparing' : 'writing'} ${gathered.cards.toLocaleString('en')} cards`)
            const report = await writeAll(dryRun, mayPrune)
            if (!dryRun) {
              await seeNewRows(db, report.added, ...IN_DECK)
              await seeNewRows(db, report.attempts, ...OF_ATTEMPT)
              await seeNewRows(db, report.attempts, ...OF_SCHEDULE)
            }
            progress.stop()
            for (const warning of [...opened.warnings, ...warnings].slice(0, WARNINGS)) out.say(warning)
            if (options.prune && !prune)
              out.say('No card was moved to the trash: one may be among the records that were left out.')
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
          forget()
          progress.stop()
        }
      }),
    )
  examples(command, [
    ['rote deck import capitals.csv', 'into the deck "capitals"'],
    ['xsv select word,meaning words.csv | rote deck import - --deck Words', 'from a pipe'],
    ['rote deck import n5.csv --columns question=expression,answer=meaning', 'name the columns'],
    ['rote deck import japanese.apkg --with-history', 'from Anki, with your reviews'],
  ])
}

/** What the flags say about the file. */
function readOptions(
  { columns = {}, encoding, delimiter, quote, header, extra, tagSep, rowSep }: Options,
  preamble: (raw: string) => void,
): ReadOptions {
  const table = { delimiter, quote, header, extra, tagSeparator: tagSep, rowSeparator: rowSep }
  return { columns, encoding, ...table, preamble }
}

/** Throws usage for flags that contradict each other. */
function checkOptions({ onDuplicate, onError, rejects, prune, tag = [] }: Options): void {
  if (tag.some((one) => one.trim() === '')) throw usage('A tag is empty.', 'Leave that --tag out.')
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
    const target = found ?? missing ?? (await makeDeck(db, user, name))
    // their cards have not been compared with each other; the database folds a few letters more than a string does
    if (target.deck_id !== null && decks.some(({ deck_id }) => deck_id === target.deck_id))
      throw usage(`"${name}" and another deck of the file are one here.`, 'Put all into one: --deck <deck>')
    decks.push(target)
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
  const [{ datesBy }, { replayer }, { readSettings, studyDay }, { rebuildCards }] = await Promise.all([
    import('../../core/day.ts'),
    import('../../core/replay.ts'),
    import('../../db/settings.ts'),
    import('../../study/rebuild.ts'),
  ])
  const settings = await readSettings(db, user)
  const { end: day_end } = studyDay(settings, timeZone, now)
  return {
    replay: replayer(settings),
    dayOf: datesBy((at) => studyDay(settings, timeZone, at)),
    rebuild: (db, ids) => rebuildCards(db, user, ids, { ...settings, day_end, dry_run: false }),
  }
}

/** Writes the skipped records as they are into a file that can be mended and imported, and what was wrong with each beside it. */
async function writeRejects(
  path: string,
  there: Stats | null,
  { rejects }: Gathered,
  { preambles, encoding }: { preambles: readonly string[]; encoding: string | undefined },
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
        // what is written is UTF-8, and so it is read when the same flags are given again
        if (encoding !== undefined) await put('\ufeff')
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

const undoneView: View<Change> = { columns: [], key: ({ change_id }) => change_id, empty: '' }

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
