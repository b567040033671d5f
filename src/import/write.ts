import { eq, type SQL, sql } from 'drizzle-orm'
import { plural } from '../core/plural.ts'
import { lockDeck } from '../db/change.ts'
import type { Database } from '../db/connect.ts'
import { cards, imports } from '../db/schema.ts'
import { conflict } from '../errors.ts'
import type { Gathered } from './gather.ts'
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
  dry_run: boolean
}

/** Where cards go and how. */
export interface ImportTarget {
  deck_id: string
  user_id: string
  /** The file or `-`. */
  source: string
  format: string
  onDuplicate: OnDuplicate
  dryRun: boolean
}

/**
 * Writes gathered cards into a deck. Call it inside a transaction, which it does not keep waiting for anything. Never
 * touches progress. Throws conflict, naming the lines, when cards are there already and `onDuplicate` is error.
 */
export async function writeCards(
  db: Database,
  gathered: Gathered,
  target: ImportTarget,
): Promise<ImportReport> {
  const { deck_id, user_id, source, format, onDuplicate, dryRun } = target
  // two imports into one deck take turns, or both would find the same card missing
  await lockDeck(db, { user_id }, deck_id)
  if (onDuplicate === 'error') await refuseDuplicates(db, gathered, target)

  let import_id: string | null = null
  if (!dryRun) {
    const [made] = await db
      .insert(imports)
      .values({ user_id, deck_id, source, format })
      .returning({ import_id: imports.import_id })
    import_id = made?.import_id ?? null
  }
  const counts = { added: 0, updated: 0, unchanged: 0, skipped: gathered.repeated }
  for await (const batch of gathered.batches.read()) {
    const [row] = await db.execute<{ added: string; changed: string; unchanged: string }>(
      dryRun ? classify(batch, target) : apply(batch, target, import_id),
    )
    counts.added += Number(row?.added)
    counts.unchanged += Number(row?.unchanged)
    counts[onDuplicate === 'update' ? 'updated' : 'skipped'] += Number(row?.changed)
  }
  if (import_id && counts.added + counts.updated === 0) {
    await db.delete(imports).where(eq(imports.import_id, import_id))
    import_id = null
  } else if (import_id) {
    await db.update(imports).set(counts).where(eq(imports.import_id, import_id))
  }
  return { import_id, ...counts, rejected: 0, dry_run: dryRun }
}

/** The incoming cards of a batch, each beside the card of the deck that it is, if there is one. */
function matched(batch: string, { deck_id, onDuplicate }: ImportTarget): SQL {
  const found = sql`select ${cards.card_id} from ${cards} where ${cards.deck_id} = ${deck_id} and ${cards.deleted_at} is null`
  return sql`
    matched as materialized (
      select r.*, coalesce(by_key.card_id, by_question.card_id) as card_id
      from jsonb_to_recordset(${batch}::jsonb) as r(line int, question text, answer text, difficulty_level text,
        tags text[], accepted_answers text[], external_id text)
      left join lateral (${found} and ${cards.external_id} = r.external_id) as by_key on r.external_id is not null
      left join lateral (
        ${found} and hashtextextended(${cards.question}, 0) = hashtextextended(r.question, 0)
          and ${cards.question} = r.question
        order by ${cards.answer} = r.answer desc, ${cards.position} limit 1
      ) as by_question on r.external_id is null and ${onDuplicate !== 'keep'}
    ),
    compared as materialized (
      select m.*, c.card_id is not null and (
        m.question is distinct from c.question or m.answer is distinct from c.answer
        or (m.difficulty_level is not null and m.difficulty_level is distinct from c.difficulty_level)
        or (m.tags <> '{}' and m.tags <> c.tags)
        or (m.accepted_answers <> '{}' and m.accepted_answers <> c.accepted_answers)) as changed
      from matched m left join ${cards} c on c.card_id = m.card_id
    )`
}

/** Counts only. `keep` adds whatever comes. */
function tally({ onDuplicate }: ImportTarget): SQL {
  if (onDuplicate === 'keep') return sql`select count(*) as added, 0 as changed, 0 as unchanged from matched`
  return sql`select count(*) filter (where card_id is null) as added, count(*) filter (where changed) as changed,
    count(*) filter (where card_id is not null and not changed) as unchanged from compared`
}

function classify(batch: string, target: ImportTarget): SQL {
  return sql`with ${matched(batch, target)} ${tally(target)}`
}

function apply(batch: string, target: ImportTarget, import_id: string | null): SQL {
  const { deck_id, onDuplicate } = target
  const keep = onDuplicate === 'keep'
  // only `keep` takes a key in twice, and the first card has it
  const first = sql`card_id is null and row_number() over (partition by external_id order by line) = 1`
  const insert = sql`
    inserted as (
      insert into ${cards} (deck_id, question, answer, difficulty_level, tags, accepted_answers, external_id, import_id)
      select ${deck_id}::uuid, question, answer, difficulty_level, tags, accepted_answers,
        case when ${first} then external_id end, ${import_id}::uuid
      from compared where ${keep ? sql`true` : sql`card_id is null`} order by line
    )`
  // what the file does not say stays as it is
  const update = sql`,
    updated as (
      update ${cards} as c set question = m.question, answer = m.answer,
        difficulty_level = coalesce(m.difficulty_level, c.difficulty_level),
        tags = case when m.tags = '{}' then c.tags else m.tags end,
        accepted_answers = case when m.accepted_answers = '{}' then c.accepted_answers else m.accepted_answers end
      from compared m where c.card_id = m.card_id and m.changed
    )`
  return sql`with ${matched(batch, target)}, ${insert} ${onDuplicate === 'update' ? update : sql``} ${tally(target)}`
}

async function refuseDuplicates(db: Database, { batches }: Gathered, target: ImportTarget): Promise<void> {
  const lines: string[] = []
  for await (const batch of batches.read()) {
    const rows = await db.execute<{ line: number }>(
      sql`with ${matched(batch, target)} select line from matched where card_id is not null order by line`,
    )
    lines.push(...rows.map(({ line }) => `${target.source}:${line}: this card is in the deck already`))
  }
  if (lines.length === 0) return
  const are = lines.length === 1 ? 'is' : 'are'
  const end = `${plural(lines.length, 'card')} ${are} in the deck already; nothing was imported.`
  throw conflict(
    [...lines.slice(0, 1000), end].join('\n'),
    'To leave or update such cards: rote deck import --on-duplicate skip|update|keep',
  )
}
