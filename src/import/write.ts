import { randomUUID } from 'node:crypto'
import { eq, type SQL, sql } from 'drizzle-orm'
import { plural } from '../core/plural.ts'
import { arrayLiteral, texts } from '../db/arrays.ts'
import { lockDeck } from '../db/change.ts'
import type { Database } from '../db/connect.ts'
import { cardImages, cards, imports } from '../db/schema.ts'
import { uuids } from '../db/where.ts'
import { conflict } from '../errors.ts'
import { Fingerprints } from './fingerprints.ts'
import { type Gathered, type IncomingCard, placeOf } from './gather.ts'
import { type Carried, carry, countNew, latestGrade, type Progress } from './history.ts'
import { bytesOf, idOf } from './id.ts'
import { findMatches, hasCards, isChanged, type Match } from './match.ts'
import { Pipeline } from './pipeline.ts'
import type { OnDuplicate } from './policy.ts'

/** What an import did, or would do. */
export interface ImportReport {
  /** Null when nothing was written. */
  import_id: string | null
  added: number
  updated: number
  /** There already, exactly so. */
  unchanged: number
  /** Left as they are: another answer, or repeated in the input. */
  skipped: number
  rejected: number
  /** Cards of earlier imports of the same source that are not in it any more, and went to the trash. */
  pruned: number
  /** Answers that came with the cards and were not there yet. */
  attempts: number
  dry_run: boolean
}

/** A deck that cards go into. */
export interface TargetDeck {
  /** Null for one that a dry run does not make. */
  deck_id: string | null
  /** Whose it is: the confidence on its cards is theirs. */
  user_id: string
}

/** Where cards go and how. */
export interface ImportTarget {
  /** In the order of the input's. */
  decks: readonly TargetDeck[]
  user_id: string
  /** The file or `-`. */
  source: string
  format: string
  onDuplicate: OnDuplicate
  dryRun: boolean
  now: Date
  /** Takes answers along and makes schedules of them; null: only what cards say. */
  progress: Progress | null
  /** Takes cards away that an earlier import of the source has brought and this one has not. */
  prune: boolean
  /** Told how many of the cards are behind it. */
  onWritten?: (cards: number) => void
}

/** What is looked for among the cards of a deck at once. Few and large: a bad plan walks through the deck for each. */
const COMPARED = 20_000
const COMPARED_CHARACTERS = 8_000_000
/** What an answer that comes along takes, in these. */
const ATTEMPT_CHARACTERS = 250
/** What one statement writes. */
const WRITTEN = 5000

/**
 * Writes gathered cards into decks. Call it inside a transaction, which it does not keep waiting for anything. Never
 * touches the progress of cards that were there. Throws conflict, naming the lines, when cards are there already and
 * `onDuplicate` is error.
 */
export async function writeCards(
  db: Database,
  gathered: Gathered,
  target: ImportTarget,
): Promise<ImportReport> {
  const { user_id, source, format, onDuplicate, dryRun } = target
  const ids = target.decks.flatMap(({ deck_id }) => (deck_id === null ? [] : [deck_id]))
  // two imports into one deck take turns, or both would find the same card missing; all in one order, so that none waits in a ring
  if (!dryRun) for (const deck_id of ids.toSorted()) await lockDeck(db, { user_id }, deck_id)
  const full = new Set<string>()
  for (const deck_id of ids) if (await hasCards(db, deck_id)) full.add(deck_id)
  const comparing: Comparing = { target, full }
  if (onDuplicate === 'error') await refuseDuplicates(db, gathered, comparing)

  const [first] = ids
  const counts = { added: 0, updated: 0, unchanged: 0, skipped: gathered.repeated }
  let import_id: string | null = null
  const seen = target.prune ? new Fingerprints() : null
  const statements = new Pipeline(db)
  const sorted = compared(db, gathered, comparing, () => import_id)
  for await (const { into, add, update, same, changed } of statements.guard(sorted)) {
    counts.added += add.length
    counts.unchanged += same.length
    counts[onDuplicate === 'update' ? 'updated' : 'skipped'] += changed.length
    for (const { match } of [...same, ...changed]) seen?.set(bytesOf(match.card_id), 1)
    const { deck_id } = into
    if (dryRun || first === undefined || deck_id === null) {
      const past = [
        ...add.map((card) => ({ card, card_id: randomUUID(), isNew: true })),
        ...[...same, ...changed].map(({ card, match }) => ({ card, card_id: match.card_id, isNew: false })),
      ]
      if (target.progress) statements.attempts += await countNew(db, past, target.progress, user_id)
      continue
    }
    if (import_id === null && add.length + update.length > 0) {
      const [made] = await db
        .insert(imports)
        .values({ user_id, deck_id: first, source, format })
        .returning({ import_id: imports.import_id })
      import_id = made?.import_id ?? null
    }
    for (const some of slices(update)) await statements.add(updated(some))
    const carried: Carried[] = target.progress
      ? [...same, ...changed].map(({ card, match }) => ({ card, card_id: match.card_id, isNew: false }))
      : []
    for (const some of slices(add)) {
      const rows = some.map((card): NewCard => ({ card, card_id: hasMore(card) ? randomUUID() : null }))
      await statements.add(inserted(rows, into, deck_id, import_id, target))
      const pictures = rows.flatMap(({ card, card_id }) => picturesOf(card, card_id))
      if (pictures.length > 0) await statements.add(illustrated(pictures))
      for (const { card, card_id } of rows) if (card_id) carried.push({ card, card_id, isNew: true })
    }
    if (onDuplicate === 'update') {
      const pictures = [...same, ...changed].flatMap(({ card, match }) => picturesOf(card, match.card_id))
      if (pictures.length > 0) await statements.add(illustrated(pictures))
    }
    for (const some of slices(carried)) await carry(statements, some, deck_id, target)
    target.onWritten?.(counts.added + counts.updated + counts.unchanged + counts.skipped - gathered.repeated)
  }
  await statements.end()
  const pruned = seen ? await prune(db, seen, import_id, target) : 0
  if (import_id) await db.update(imports).set(counts).where(eq(imports.import_id, import_id))
  return {
    import_id,
    ...counts,
    rejected: gathered.rejected,
    pruned,
    attempts: statements.attempts,
    dry_run: dryRun,
  }
}

/** What there is to compare with. */
interface Comparing {
  target: ImportTarget
  /** The decks that have cards. */
  full: ReadonlySet<string>
}

/** Incoming cards of one deck, by what they are there. */
interface Compared {
  into: TargetDeck
  add: IncomingCard[]
  update: Pair[]
  same: Pair[]
  /** There with another text. */
  changed: Pair[]
}
interface Pair {
  card: IncomingCard
  match: Match
}

/** Sorts what comes in. `import_id` gives the import itself, once there is one. */
async function* compared(
  db: Database,
  gathered: Gathered,
  { target, full }: Comparing,
  import_id: () => string | null,
): AsyncGenerator<Compared> {
  const { onDuplicate, decks } = target
  // what was found to be in none of the decks is not looked for again
  const matching = full.size > 0 && onDuplicate !== 'error'
  for await (const cards of groups(gathered, matching)) {
    for (const [number, mine] of byDeck(cards)) {
      const into = decks[number]
      if (!into) continue
      const there = into.deck_id !== null && matching && full.has(into.deck_id) ? into.deck_id : null
      const keep = onDuplicate === 'keep'
      const matches = there ? await findMatches(db, there, mine, import_id(), !keep) : new Map<never, never>()
      const sorted: Compared = { into, add: [], update: [], same: [], changed: [] }
      for (const card of mine) {
        const match: Match | undefined = matches.get(card)
        if (match && keep) sorted.add.push({ ...card, external_id: null })
        else if (!match) sorted.add.push(card)
        else if (isChanged(card, match)) sorted.changed.push({ card, match })
        else sorted.same.push({ card, match })
      }
      if (onDuplicate === 'update') sorted.update = sorted.changed
      yield sorted
    }
  }
}

/** Batch by batch, or several of them together where they are compared. */
async function* groups({ batches }: Gathered, matching: boolean): AsyncGenerator<IncomingCard[]> {
  let group: IncomingCard[] = []
  let characters = 0
  for await (const batch of batches.read()) {
    if (!matching) {
      yield batch
      continue
    }
    group.push(...batch)
    for (const { question, attempts = [] } of batch)
      characters += question.length + attempts.length * ATTEMPT_CHARACTERS
    if (group.length < COMPARED && characters < COMPARED_CHARACTERS) continue
    yield group
    group = []
    characters = 0
  }
  if (group.length > 0) yield group
}

function byDeck(cards: IncomingCard[]): Map<number, IncomingCard[]> {
  const [first] = cards
  if (first && cards.every(({ into }) => into === first.into)) return new Map([[first.into, cards]])
  const decks = new Map<number, IncomingCard[]>()
  for (const card of cards) {
    const mine = decks.get(card.into)
    if (mine) mine.push(card)
    else decks.set(card.into, [card])
  }
  return decks
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += WRITTEN) yield all.slice(start, start + WRITTEN)
}

/** A card as it is added; its id where something else will refer to it. */
interface NewCard {
  card: IncomingCard
  card_id: string | null
}

function hasMore({ images = [], attempts = [], suspended = false }: IncomingCard): boolean {
  return images.length > 0 || attempts.length > 0 || suspended
}

/** Adds cards in their order. A column that says nothing about any of them is not sent. */
function inserted(
  rows: readonly NewCard[],
  deck: TargetDeck,
  deck_id: string,
  import_id: string | null,
  { user_id, source, progress }: ImportTarget,
): SQL {
  // only the owner's progress stands on the card
  const own = progress && deck.user_id === user_id
  const from = source === '-' ? `${import_id}` : source
  const columns: [name: string, values: (string | null)[], expression: string][] = [
    ['question', rows.map(({ card }) => card.question), 'question'],
    ['answer', rows.map(({ card }) => card.answer), 'answer'],
  ]
  const column = (name: string, of: (row: NewCard) => string | null, expression: string) => {
    const values = rows.map(of)
    if (values.some((value) => value !== null)) columns.push([name, values, expression])
  }
  const list = (values: readonly string[]) => (values.length > 0 ? arrayLiteral(values) : null)
  column('card_id', ({ card_id }) => card_id, 'coalesce(card_id::uuid, gen_random_uuid())')
  column('difficulty_level', ({ card }) => card.difficulty_level, 'difficulty_level')
  column('tags', ({ card }) => list(card.tags), `coalesce(tags, '{}')::text[]`)
  column(
    'accepted_answers',
    ({ card }) => list(card.accepted_answers),
    `coalesce(accepted_answers, '{}')::text[]`,
  )
  column('external_id', ({ card }) => card.external_id, 'external_id')
  column('note_id', ({ card }) => (card.note ? idOf(user_id, from, card.note) : null), 'note_id::uuid')
  column(
    'reversible',
    ({ card }) => (card.reversible ? 'true' : null),
    'coalesce(reversible::boolean, false)',
  )
  if (own) {
    column('confidence_status', ({ card }) => latestGrade(card), 'confidence_status')
    column('unseen', ({ card }) => (isSeen(card) ? 'false' : null), 'coalesce(unseen::boolean, true)')
  }
  const names = sql.raw(columns.map(([name]) => name).join(', '))
  return sql`
    insert into ${cards} (deck_id, import_id, ${names})
    select ${deck_id}::uuid, ${import_id}::uuid, ${sql.raw(columns.map(([, , expression]) => expression).join(', '))}
    from unnest(${sql.join(
      columns.map(([, values]) => texts(values)),
      sql`, `,
    )}) as given (${names})`
}

const isSeen = ({ attempts = [] }: IncomingCard) => attempts.some(({ direction }) => direction === 'forward')

/** Gives cards the text of the file. What that does not say stays as it is. */
function updated(pairs: readonly Pair[]): SQL {
  const list = (values: readonly string[]) => (values.length > 0 ? arrayLiteral(values) : null)
  return sql`
    update ${cards} as c set question = given.question, answer = given.answer,
      difficulty_level = coalesce(given.difficulty_level, c.difficulty_level),
      tags = coalesce(given.tags::text[], c.tags),
      accepted_answers = coalesce(given.accepted_answers::text[], c.accepted_answers)
    from unnest(
      ${uuids(pairs.map(({ match }) => match.card_id))}, ${texts(pairs.map(({ card }) => card.question))},
      ${texts(pairs.map(({ card }) => card.answer))}, ${texts(pairs.map(({ card }) => card.difficulty_level))},
      ${texts(pairs.map(({ card }) => list(card.tags)))}, ${texts(pairs.map(({ card }) => list(card.accepted_answers)))}
    ) as given (card_id, question, answer, difficulty_level, tags, accepted_answers)
    where c.card_id = given.card_id`
}

interface Picture {
  card_id: string
  url: string
  side: string
  alt: string | null
  position: string
}

function picturesOf({ images = [] }: IncomingCard, card_id: string | null): Picture[] {
  if (card_id === null) return []
  return images.map(({ url, side, alt }, i) => ({ card_id, url, side, alt, position: `${i}` }))
}

/** Adds the pictures that cards do not have yet. */
function illustrated(pictures: readonly Picture[]): SQL {
  const all = (of: (picture: Picture) => string | null) => texts(pictures.map(of))
  return sql`
    insert into ${cardImages} (card_id, image_url, side, alt, position)
    select given.card_id::uuid, url, given.side, given.alt, given.position::int
    from unnest(${all(({ card_id }) => card_id)}, ${all(({ url }) => url)}, ${all(({ side }) => side)},
      ${all(({ alt }) => alt)}, ${all(({ position }) => position)}) as given (card_id, url, side, alt, position)
    where not exists (
      select from ${cardImages} there
      where there.card_id = given.card_id::uuid and there.image_url = url and there.side = given.side)`
}

async function refuseDuplicates(
  db: Database,
  gathered: Gathered,
  { target, full }: Comparing,
): Promise<void> {
  if (full.size === 0) return
  const lines: string[] = []
  for await (const { same, changed } of compared(
    db,
    gathered,
    { target: { ...target, onDuplicate: 'skip' }, full },
    () => null,
  )) {
    const there = [...same, ...changed].sort((one, other) => one.card.line - other.card.line)
    lines.push(
      ...there.map(({ card }) => `${placeOf(target.source, card)}: this card is in the deck already`),
    )
  }
  if (lines.length === 0) return
  const are = lines.length === 1 ? 'is' : 'are'
  const end = `${plural(lines.length, 'card')} ${are} in the deck already; nothing was imported.`
  throw conflict(
    [...lines.slice(0, 1000), end].join('\n'),
    'To leave or update such cards: rote deck import --on-duplicate skip|update|keep',
  )
}

/**
 * Moves cards to the trash that an earlier import of the source has brought into these decks and that are not `seen` in it any more.
 * Gives how many; a dry run only counts them.
 */
async function prune(
  db: Database,
  seen: Fingerprints,
  import_id: string | null,
  { decks, source, user_id, dryRun }: ImportTarget,
): Promise<number> {
  let count = 0
  for (const { deck_id } of decks) {
    if (deck_id === null) continue
    let last: { card_id: string; position: string } | undefined
    do {
      const behind = last
        ? sql`(c.position, c.card_id) > (${last.position}::bigint, ${last.card_id}::uuid)`
        : sql`true`
      const rows: readonly { card_id: string; position: string }[] = await db.execute<{
        card_id: string
        position: string
      }>(sql`
        select c.card_id, c.position::text from ${cards} c join ${imports} i using (import_id)
        where c.deck_id = ${deck_id}::uuid and c.deleted_at is null and i.source = ${source} and i.user_id = ${user_id}::uuid
          and c.import_id is distinct from ${import_id}::uuid and ${behind}
        order by c.position, c.card_id limit ${COMPARED}`)
      const gone = rows.flatMap(({ card_id }) => (seen.get(bytesOf(card_id)) === undefined ? [card_id] : []))
      count += gone.length
      if (!dryRun && gone.length > 0)
        await db.execute(sql`update ${cards} set deleted_at = now() where card_id = any(${uuids(gone)})`)
      last = rows.length === COMPARED ? rows.at(-1) : undefined
    } while (last)
  }
  return count
}
