import { checkName } from '../../core/name.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck, isId } from '../../db/find.ts'
import { decks } from '../../db/schema.ts'
import type { Author, User } from '../../db/user.ts'
import { CliError, usage } from '../../errors.ts'
import { DELIMITER_NAMES } from '../../formats/delimiters.ts'
import {
  EXTRAS,
  type Extra,
  FORMAT_NAMES,
  type Format,
  type FormatName,
  QUOTINGS,
  type Quoting,
  type ReadOptions,
} from '../../formats/format.ts'
import { ON_DUPLICATE, type OnDuplicate } from '../../import/policy.ts'
import type { ImportReport } from '../../import/write.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import { columnMap, delimiter, separator } from '../parse.ts'
import { examples, oneOf, type Verb } from '../verb.ts'

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
    .option('--dry-run', 'say what would happen, write nothing')
    .action(
      run(async ({ db, user, out, term }, file: string | undefined, options: Options) => {
        // the other verbs of this noun need nothing of this
        const [{ formats }, { chooseFormat }, { gather }, { openSource }, { writeCards }] = await Promise.all(
          [
            import('../../formats/registry.ts'),
            import('../../formats/sniff.ts'),
            import('../../import/gather.ts'),
            import('../../import/source.ts'),
            import('../../import/write.ts'),
          ],
        )
        const source = await openSource(
          file,
          term.stdin,
          'Name a file, or pipe one in: … | rote deck import - --deck <name>',
        )
        const named = options.deck ?? source.deck
        if (named === null) throw usage('Cards from standard input need a deck.', 'Name it: --deck <name>')
        const target = checkName('deck', named)
        const reading = readOptions(options)
        const format = options.format ?? chooseFormat(source.name, source.head, reading)
        const chosen: Format = formats[format]
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        try {
          const gathered = await gather(
            'open' in chosen ? chosen.open(source.name, reading) : chosen.read(source.bytes, reading),
            source.name,
            options.onDuplicate,
            (cards) => progress.show(`${cards.toLocaleString('en')} cards read`),
          )
          progress.show(`writing ${gathered.cards.toLocaleString('en')} cards`)
          const report = await write(db, user, target, options, (db, deck_id) =>
            writeCards(db, gathered, {
              deck_id,
              user_id: user.user_id,
              source: source.name,
              format,
              onDuplicate: options.onDuplicate,
              dryRun: options.dryRun ?? false,
            }),
          ).finally(() => gathered.batches.discard())
          progress.stop()
          const sentence = summary(report, target)
          if (out.mode === 'table') await out.answer(sentence, report)
          else {
            out.say(sentence)
            await out.done(reportView, report, sentence)
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

/** What the flags say of the file. */
function readOptions({ columns = {}, encoding, tagSep, rowSep, ...table }: Options): ReadOptions {
  const { delimiter, quote, header, extra } = table
  return { columns, encoding, delimiter, quote, header, extra, tagSeparator: tagSep, rowSeparator: rowSep }
}

/** All or nothing: the deck, if it has to be made, and its cards. */
async function write(
  db: Database,
  user: Author,
  name: string,
  { dryRun }: Options,
  cards: (db: Database, deck_id: string) => Promise<ImportReport>,
): Promise<ImportReport> {
  try {
    const work = async (db: Database) => {
      const report = await cards(db, await findOrMake(db, user, name))
      if (dryRun) throw new Undo(report)
      return report
    }
    return await changing(db, user, work, { whole: true })
  } catch (error) {
    if (error instanceof Undo) return error.report
    throw error
  }
}

/** Thrown to roll a dry run back. Only the deck could have been written: cards are just compared. */
class Undo extends Error {
  constructor(readonly report: ImportReport) {
    super('dry run')
  }
}

async function findOrMake(db: Database, user: User, name: string): Promise<string> {
  try {
    return (await findDeck(db, user, name, 'edit')).deck_id
  } catch (error) {
    if (!(error instanceof CliError) || error.kind !== 'not_found' || isId(name)) throw error
  }
  const [made] = await db
    .insert(decks)
    .values({ user_id: user.user_id, name })
    .onConflictDoNothing()
    .returning({ deck_id: decks.deck_id })
  // somebody made it in this very moment
  return made?.deck_id ?? (await findDeck(db, user, name, 'edit')).deck_id
}

function summary({ added, updated, unchanged, skipped, dry_run }: ImportReport, deck: string): string {
  const n = (count: number) => count.toLocaleString('en')
  const rest = unchanged > 0 ? `, ${n(unchanged)} unchanged` : ''
  return `${dry_run ? 'Would import into' : 'Imported into'} "${deck}": ${n(added)} added, ${n(updated)} updated, ${n(skipped)} skipped${rest}.`
}

const reportView: View<ImportReport> = {
  columns: (['added', 'updated', 'unchanged', 'skipped', 'rejected'] as const).map((header) => ({
    header,
    value: (report) => report[header],
  })),
  key: ({ import_id }) => import_id ?? '',
  empty: '',
}
