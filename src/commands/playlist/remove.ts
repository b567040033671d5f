import { and, eq, inArray } from 'drizzle-orm'
import { changing } from '../../db/changes.ts'
import { findPlaylist } from '../../db/find.ts'
import { playlistDecks } from '../../db/schema.ts'
import { examples, type Verb } from '../verb.ts'
import { findDeckOf, findDecks, notIn, playlistView, quoted, readPlaylist } from './shared.ts'

export const removeFromPlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('remove <playlist> <deck...>')
    .description('take decks out of a playlist; the decks themselves stay')
    .action(
      run(async ({ db, user, out, now }, reference: string, references: string[]) => {
        const { playlist_id, name } = await findPlaylist(db, user, reference)
        const find = (deck: string) => findDeckOf(db, user, playlist_id, deck)
        const decks = await findDecks(db, user, references, find)
        const ids = decks.map(({ deck_id }) => deck_id)
        await changing(db, user, async (tx) => {
          const removed = await tx
            .delete(playlistDecks)
            .where(and(eq(playlistDecks.playlist_id, playlist_id), inArray(playlistDecks.deck_id, ids)))
            .returning({ deck_id: playlistDecks.deck_id })
          const gone = new Set(removed.map(({ deck_id }) => deck_id))
          const missing = decks.find(({ deck_id }) => !gone.has(deck_id))
          // all or none: an error takes back what was removed before it
          if (missing) throw notIn({ name }, missing)
        })
        const row = await readPlaylist(db, user, now(), playlist_id)
        await out.done(playlistView, row, `Took ${quoted(decks)} out of "${name}".`)
      }),
    )
  examples(command, [['rote playlist remove Languages Italian French', 'two of its decks']])
}
