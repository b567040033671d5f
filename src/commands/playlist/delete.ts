import { and, eq, sql } from 'drizzle-orm'
import { changedBy } from '../../db/changes.ts'
import { findPlaylist } from '../../db/find.ts'
import { playlists } from '../../db/schema.ts'
import { keptBy } from '../../db/where.ts'
import { notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { playlistView, readPlaylist } from './shared.ts'

export const deletePlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('delete <playlist>')
    .alias('rm')
    .description('move a playlist to the trash; its decks stay')
    .action(
      run(async ({ db, user, out, term, now }, reference: string) => {
        const { playlist_id, name } = await findPlaylist(db, user, reference)
        const row = await readPlaylist(db, user, now(), playlist_id)
        const question = `Move the playlist "${name}" to the trash? Its decks stay.`
        if (!(await term.confirm(question, '--yes'))) return out.nothing('Nothing was changed.')
        const [gone] = await db
          .update(playlists)
          .set({ deleted_at: sql`now()` })
          .where(and(eq(playlists.playlist_id, playlist_id), keptBy(user), changedBy(user)))
          .returning({ playlist_id: playlists.playlist_id })
        if (!gone) throw notFound('playlist', reference)
        await out.done(
          playlistView,
          row,
          `Moved the playlist "${name}" to the trash. Its decks are still there.`,
        )
      }),
    )
  examples(command, [
    ['rote playlist delete Languages', 'asks first'],
    ['rote playlist delete Languages --yes', 'for a script'],
  ])
}
