import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { checkName } from '../../core/name.ts'
import { plural } from '../../core/plural.ts'
import { changing } from '../../db/changes.ts'
import type { Database } from '../../db/connect.ts'
import { sqlState, UNIQUE_VIOLATION } from '../../db/problem.ts'
import { cards, decks, playlists } from '../../db/schema.ts'
import { findTrashed, notInTrash, type TrashRow } from '../../db/trash.ts'
import type { Author } from '../../db/user.ts'
import { editableBy } from '../../db/where.ts'
import { conflict, usage } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { called, trashView } from './shared.ts'

export const restoreTrash: Verb = (trash, run) => {
  const command = trash
    .command('restore <thing...>')
    .description('take things out of the trash, with all that belonged to them')
    .option('--name <name>', 'what to call a deck or playlist from now on')
    .action(
      run(async ({ db, user, out, term }, references: string[], options: { name?: string }) => {
        if (options.name !== undefined && references.length > 1)
          throw usage('--name is for one thing.', 'Restore one at a time.')
        const things = new Map<string, TrashRow>()
        for (const reference of references) {
          const thing = await findTrashed(db, user, reference)
          things.set(thing.id, thing)
        }
        const found = [...things.values()]
        if (options.name !== undefined && found[0]?.kind === 'card')
          throw usage('--name is for a deck or a playlist.', 'Leave it out.')
        const restored = await changing(db, user, async (db) => {
          const rows: TrashRow[] = []
          for (const thing of found) rows.push(await restore(db, user, thing, options.name))
          return rows
        })
        await out.doneAll(trashView(term.size().columns), restored, restored.map(sentence).join('\n'))
      }),
    )
  examples(command, [
    ['rote trash restore 3f9a 77c0', 'by the beginnings of their ids'],
    ['rote trash restore Spanish --name "Old Spanish"', 'a deck, when there is another Spanish by now'],
  ])
}

/** Throws conflict when something else has its name by now, and not_found when it is not there any more. */
async function restore(
  db: Database,
  user: Author,
  thing: TrashRow,
  wanted: string | undefined,
): Promise<TrashRow> {
  const { id, kind } = thing
  const name = wanted === undefined || kind === 'card' ? thing.name : checkName(kind, wanted)
  const back = { deleted_at: null, ...(kind !== 'card' && { name }) }
  const query =
    kind === 'card'
      ? restoreCard(db, user, id)
      : kind === 'deck'
        ? db
            .update(decks)
            .set(back)
            .where(and(eq(decks.deck_id, id), eq(decks.user_id, user.user_id), isNotNull(decks.deleted_at)))
            .returning({ id: decks.deck_id })
        : db
            .update(playlists)
            .set(back)
            .where(
              and(
                eq(playlists.playlist_id, id),
                eq(playlists.user_id, user.user_id),
                isNotNull(playlists.deleted_at),
              ),
            )
            .returning({ id: playlists.playlist_id })
  const [there] = await query.catch((error: unknown) => {
    if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    throw conflict(
      `You have another ${kind} "${name}" by now.`,
      `Give it another name: rote trash restore ${id.slice(0, 8)} --name <name>`,
    )
  })
  if (!there) throw notInTrash(id)
  return { ...thing, name }
}

/** With its key in the file that it came from, unless another card has got that meanwhile. */
function restoreCard(db: Database, user: Author, card_id: string) {
  const taken = sql`select from ${cards} as c where c.deck_id = ${cards.deck_id}
    and c.external_id = ${cards.external_id} and ${isNull(sql`c.deleted_at`)}`
  const editable = db.select({ deck_id: decks.deck_id }).from(decks).where(editableBy(user))
  return db
    .update(cards)
    .set({
      deleted_at: null,
      external_id: sql`case when not exists (${taken}) then ${cards.external_id} end`,
    })
    .where(
      and(eq(cards.card_id, card_id), isNotNull(cards.deleted_at), sql`${cards.deck_id} in (${editable})`),
    )
    .returning({ id: cards.card_id })
}

function sentence(thing: TrashRow): string {
  const { kind, deck, cards } = thing
  const text = called(thing)
  const where = kind === 'card' && deck !== null ? ` in "${deck}"` : ''
  const what = kind === 'deck' ? ` with ${plural(cards ?? 0, 'card')}` : ''
  return `${text[0]?.toUpperCase()}${text.slice(1)} is back${where}${what}.`
}
