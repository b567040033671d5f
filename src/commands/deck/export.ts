import { and, eq, sql } from 'drizzle-orm'
import type { Config } from '../../config.ts'
import type { CardText } from '../../core/card.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { findDeck } from '../../db/find.ts'
import {
  cardImages,
  cardSchedules,
  cards,
  decks,
  revisionAttempts,
  revisionSessions,
} from '../../db/schema.ts'
import type { User } from '../../db/user.ts'
import { live, readableBy, uuids } from '../../db/where.ts'
import { CliError, usage } from '../../errors.ts'
import { type FileAttempt, type FileCard, type FileImage, WRITTEN_NAMES } from '../../formats/format.ts'
import type { View } from '../../ui/output.ts'
import { safe } from '../../ui/safe.ts'
import { spooled, thingAt, writeFile } from '../file.ts'
import { behind, pages } from '../page.ts'
import { examples, oneOf, type Verb } from '../verb.ts'

/** How long a picture may take on its way. */
const IMAGE_MS = 60_000

/** What can be written. */
const NAMES = [...WRITTEN_NAMES, 'apkg'] as const
type Name = (typeof NAMES)[number]

export const exportDeck: Verb = (deck, run) => {
  const command = deck
    .command('export <deck>')
    .description('write the cards of a deck to a file or to standard output')
    .option(
      '--format <format>',
      `what to write: ${NAMES.join(', ')} (default: by the name of the file, else jsonl, or json with --json)`,
      oneOf(NAMES),
    )
    .option('--with-history', 'your answers to the cards too, where the format has a place for them')
    .option('-o, --output <file>', 'the file to write (default: standard output)')
    .action(
      run(
        async (
          { db, user, config, out, term, now },
          reference: string,
          options: { format?: Name; withHistory?: true; output?: string },
        ) => {
          const { deck_id, name } = await findDeck(db, user, reference)
          const { output: file } = options
          const [{ formats }, { formatNamed }] = await Promise.all([
            import('../../formats/registry.ts'),
            import('../../formats/sniff.ts'),
          ])
          const unnamed = out.mode === 'json' ? 'json' : 'jsonl'
          const named = file === undefined ? undefined : formatNamed(file)
          const format = options.format ?? NAMES.find((name) => name === named) ?? unnamed
          const counted = { cards: 0 }
          const history = options.withHistory ?? false
          const pages = cardPages(db, user, deck_id, { history, whole: format === 'apkg' }, counted)
          const fill = async (put: (piece: string | Uint8Array) => Promise<void>) => {
            if (format !== 'apkg') {
              for await (const piece of formats[format].write(pages, { deck: name })) await put(piece)
              return
            }
            const media = pictures(config)
            const { missing } = await formats.apkg.pack(put, pages, {
              deck: name,
              history,
              now: now(),
              media,
            })
            const rest = missing.count > missing.first.length ? ', …' : ''
            if (missing.count > 0) out.say(`Not to be had, and left out: ${missing.first.join(', ')}${rest}`)
          }
          if (file === undefined || file === '-') {
            if (format === 'apkg') {
              if (term.stdout.isTTY)
                throw usage('A package is nothing to look at.', 'Say where to put it: -o <file>')
              for await (const piece of spooled(fill)) await out.write(piece)
            } else await fill((piece) => out.write(term.stdout.isTTY ? safe(piece.toString()) : piece))
            return
          }
          const there = await thingAt(file)
          if (there?.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
          if (there?.isFile() && !(await term.confirm(`Replace ${file}?`, '--yes')))
            return out.nothing('Nothing was written.')
          await writeFile(file, there, fill)
          const sentence = `Wrote ${plural(counted.cards, 'card')} of "${name}" to ${file}.`
          await out.done(exportView, { deck_id, name, file, format, ...counted }, sentence)
        },
      ),
    )
  examples(command, [
    ['rote deck export Spanish -o spanish.csv', 'for a spreadsheet'],
    ['rote deck export Spanish --with-history | gzip > spanish.jsonl.gz', 'everything, for another rote'],
    ['rote deck export Spanish -o spanish.apkg', 'for Anki'],
  ])
}

/** What an export into a file has done. */
interface ExportReport {
  deck_id: string
  name: string
  file: string
  format: Name
  cards: number
}

const exportView: View<ExportReport> = { columns: [], key: ({ file }) => file, empty: '' }

/** The cards of a deck in their order, a page at a time. Throws not_found when the deck is gone before its end. */
async function* cardPages(
  db: Database,
  user: User,
  deck_id: string,
  { history, whole }: { history: boolean; whole: boolean },
  counted: { cards: number },
): AsyncGenerator<FileCard[]> {
  const [pictured] = await db
    .select({ image_id: cardImages.image_id })
    .from(cardImages)
    .innerJoin(cards, eq(cards.card_id, cardImages.card_id))
    .where(eq(cards.deck_id, deck_id))
    .limit(1)
  const found = pages<CardText & Pick<Row, 'position' | 'card_id' | 'note_id' | 'reversible' | 'updated_at'>>(
    ({ last, limit }) =>
      db
        .select({
          question: cards.question,
          answer: cards.answer,
          difficulty_level: cards.difficulty_level,
          tags: cards.tags,
          accepted_answers: cards.accepted_answers,
          external_id: cards.external_id,
          note_id: cards.note_id,
          reversible: cards.reversible,
          updated_at: cards.updated_at,
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
    const ids = page.map(({ card_id }) => card_id)
    const images = pictured ? await imagesOf(db, ids) : null
    const attempts = history ? await attemptsOf(db, user, ids) : null
    const schedules = history ? await schedulesOf(db, user, ids) : null
    yield page.map(({ position: _, card_id, note_id, reversible, updated_at, ...card }) => ({
      ...card,
      ...(whole && { id: card_id, updated_at }),
      ...(note_id && { note: note_id }),
      ...(reversible && { reversible }),
      ...(images?.has(card_id) && { images: images.get(card_id) ?? [] }),
      ...(attempts?.has(card_id) && { attempts: attempts.get(card_id) ?? [] }),
      ...(schedules?.suspended.has(card_id) && { suspended: true }),
      ...(whole && schedules?.by.has(card_id) && { schedules: schedules.by.get(card_id) ?? {} }),
    }))
  }
  // that nothing more came can also mean that it is not shared any more
  await findDeck(db, user, deck_id)
}

type Row = typeof cards.$inferSelect

/** The pictures of cards, in their order. */
async function imagesOf(db: Database, ids: readonly string[]): Promise<Map<string, FileImage[]>> {
  const rows = await db
    .select({
      card_id: cardImages.card_id,
      side: cardImages.side,
      url: cardImages.image_url,
      alt: cardImages.alt,
    })
    .from(cardImages)
    .where(sql`${cardImages.card_id} = any(${uuids(ids)})`)
    .orderBy(cardImages.position, cardImages.image_id)
  const side = (name: string) => (name === 'answer' ? 'answer' : 'question')
  return grouped(rows.map(({ card_id, ...image }) => [card_id, { ...image, side: side(image.side) }]))
}

/** The person's answers to cards, oldest first. */
async function attemptsOf(
  db: Database,
  user: User,
  ids: readonly string[],
): Promise<Map<string, FileAttempt[]>> {
  const rows = await db
    .select({
      card_id: revisionAttempts.card_id,
      attempted_at: revisionAttempts.attempted_at,
      confidence_status: revisionAttempts.confidence_status,
      duration_ms: revisionAttempts.duration_ms,
      direction: revisionAttempts.direction,
    })
    .from(revisionAttempts)
    .innerJoin(revisionSessions, eq(revisionSessions.session_id, revisionAttempts.session_id))
    .where(
      and(
        eq(revisionSessions.user_id, user.user_id),
        // what left the schedule alone would count elsewhere
        revisionAttempts.scheduled,
        sql`${revisionAttempts.card_id} = any(${uuids(ids)})`,
      ),
    )
    .orderBy(revisionAttempts.attempted_at, revisionAttempts.attempt_id)
  return grouped(
    rows.map(({ card_id, attempted_at, ...attempt }) => [
      card_id,
      { attempted_at: attempted_at.toISOString(), ...attempt },
    ]),
  )
}

/** The person's schedules of cards, by direction, and which of the cards are suspended. */
async function schedulesOf(db: Database, user: User, ids: readonly string[]) {
  const rows = await db
    .select()
    .from(cardSchedules)
    .where(and(eq(cardSchedules.user_id, user.user_id), sql`${cardSchedules.card_id} = any(${uuids(ids)})`))
  const by = new Map<string, NonNullable<FileCard['schedules']>>()
  const suspended = new Set<string>()
  for (const { card_id, direction, suspended_at, ...schedule } of rows) {
    if (suspended_at) suspended.add(card_id)
    if (schedule.state !== 'new') by.set(card_id, { ...by.get(card_id), [direction]: schedule })
  }
  return { by, suspended }
}

/** What gives the bytes of pictures; null for what cannot be had. Those of the web stay where they are. */
function pictures({ images }: Config): (url: string) => Promise<Uint8Array | null> {
  return async (url) => {
    if (/^https?:/i.test(url)) return null
    const { readImage } = await import('../../images/store.ts')
    try {
      return await readImage(images, url, AbortSignal.timeout(IMAGE_MS))
    } catch (error) {
      if (error instanceof CliError && error.kind !== 'interrupted') return null
      throw error
    }
  }
}

function grouped<T>(pairs: readonly [string, T][]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const [key, value] of pairs) {
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
