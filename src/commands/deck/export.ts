import type { Stats } from 'node:fs'
import { constants, type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { and, eq } from 'drizzle-orm'
import type { CardText } from '../../core/card.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck } from '../../db/find.ts'
import { cards, decks } from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { live, readableBy } from '../../db/where.ts'
import { CliError } from '../../errors.ts'
import { FORMAT_NAMES, type FormatName } from '../../formats/format.ts'
import type { View } from '../../ui/output.ts'
import { safe } from '../../ui/safe.ts'
import { behind, pages } from '../page.ts'
import { examples, oneOf, type Verb } from '../verb.ts'

export const exportDeck: Verb = (deck, run) => {
  const command = deck
    .command('export <deck>')
    .description('write the cards of a deck to a file or to standard output')
    .option(
      '--format <format>',
      `what to write: ${FORMAT_NAMES.join(', ')} (default: by the name of the file, else jsonl, or json with --json)`,
      oneOf(FORMAT_NAMES),
    )
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .action(
      run(
        async (
          { db, user, out, term },
          reference: string,
          options: { format?: FormatName; output?: string },
        ) => {
          const { deck_id, name } = await findDeck(db, user, reference)
          const { output: file } = options
          const { chooseFormat, formats } = await import('../../formats/registry.ts')
          const unnamed = out.mode === 'json' ? 'json' : 'jsonl'
          const format =
            options.format ?? (file ? chooseFormat(file, new TextEncoder().encode('{')) : unnamed)
          const counted = { cards: 0 }
          const text = formats[format].write(cardPages(db, user, deck_id, counted))
          if (file === undefined || file === '-') {
            for await (const piece of text) await out.write(term.stdout.isTTY ? safe(piece) : piece)
            return
          }
          const there = await thingAt(file)
          if (there?.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
          if (there?.isFile() && !(await term.confirm(`Replace ${file}?`, '--yes')))
            return out.nothing('Nothing was written.')
          await writeFile(file, there, text)
          const sentence = `Wrote ${plural(counted.cards, 'card')} of "${name}" to ${file}.`
          await out.done(exportView, { deck_id, name, file, format, ...counted }, sentence)
        },
      ),
    )
  examples(command, [
    ['rote deck export Spanish -o spanish.csv', 'for a spreadsheet'],
    ['rote deck export Spanish | gzip > spanish.jsonl.gz', 'everything, for another rote'],
  ])
}

/** What an export into a file has done. */
interface ExportReport {
  deck_id: string
  name: string
  file: string
  format: FormatName
  cards: number
}

const exportView: View<ExportReport> = { columns: [], key: ({ file }) => file, empty: '' }

/** The cards of a deck in their order, a page at a time. Throws not_found when the deck is gone before its end. */
async function* cardPages(
  db: Database,
  user: User,
  deck_id: string,
  counted: { cards: number },
): AsyncGenerator<CardText[]> {
  const found = pages<CardText & { position: number; card_id: string }>(({ last, limit }) =>
    db
      .select({
        question: cards.question,
        answer: cards.answer,
        difficulty_level: cards.difficulty_level,
        tags: cards.tags,
        accepted_answers: cards.accepted_answers,
        external_id: cards.external_id,
        position: cards.position,
        card_id: cards.card_id,
      })
      .from(cards)
      .innerJoin(decks, eq(decks.deck_id, cards.deck_id))
      .where(and(eq(cards.deck_id, deck_id), readableBy(user), live, last && behind(last)))
      .orderBy(cards.position, cards.card_id)
      .limit(limit),
  )
  for await (const page of found) {
    counted.cards += page.length
    yield page.map(({ position: _, card_id: __, ...card }) => card)
  }
  // that nothing more came can also mean that it is not shared any more
  await findDeck(db, user, deck_id)
}

/** What is at a path, through symbolic links; null when nothing is. */
async function thingAt(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unwritable(path, error)
  }
}

/** Writes a file that is there as a whole or not at all. Into a device or a pipe it just writes. */
async function writeFile(path: string, there: Stats | null, pieces: AsyncIterable<string>): Promise<void> {
  try {
    if (there && !there.isFile()) await writeInto(await openThere(path), pieces)
    else await writeWhole(await targetOf(path), there, pieces)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Opens a device or a pipe. Waiting for a pipe's reader inside `open` would keep the process from being ended. */
async function openThere(path: string): Promise<FileHandle> {
  for (;;) {
    try {
      const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
      try {
        return await open(path, 'w')
      } finally {
        await probe.close()
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENXIO' || !(await stat(path)).isFIFO()) throw error
      await sleep(50)
    }
  }
}

async function writeWhole(path: string, there: Stats | null, pieces: AsyncIterable<string>): Promise<void> {
  const part = `${path}.part-${Date.now().toString(36)}`
  try {
    const file = await open(part, 'wx', there?.mode)
    await writeInto(file, pieces, async () => {
      // as it was, whatever the umask says
      if (there) await file.chmod(there.mode & 0o7777)
      await file.sync()
    })
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function writeInto(
  file: FileHandle,
  pieces: AsyncIterable<string>,
  finish: () => Promise<void> = async () => {},
): Promise<void> {
  try {
    for await (const piece of pieces) await file.appendFile(piece)
    await finish()
  } finally {
    await file.close()
  }
}

/** Where the symbolic links that a path may be lead to, whether anything is there or not. */
async function targetOf(path: string): Promise<string> {
  const link = await readlink(path).catch(() => null)
  return link === null ? path : targetOf(resolve(await realpath(dirname(path)), link))
}

/** An error of the operating system in words; any other error as it is. */
function unwritable(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  // "EACCES: permission denied, open 'a'"
  const [, words] = /^E[A-Z0-9]+: ([^,]+)/.exec(message) ?? []
  const reason =
    code === 'ENOENT' ? 'there is no such folder' : code === 'ENOSPC' ? 'the disk is full' : words
  return reason ? new CliError('failure', `Cannot write ${path}: ${reason}.`) : error
}
