import { and, eq } from 'drizzle-orm'
import { findPlaylist } from '../../db/find.ts'
import { playlists } from '../../db/schema.ts'
import { notFound } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { playlistView, readPlaylist } from './shared.ts'

export const deletePlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('delete <playlist>')
    .alias('rm')
    .description('delete a playlist; its decks stay')
    .action(
      run(async ({ db, user, out, term, now }, reference: string) => {
        const { playlist_id, name } = await findPlaylist(db, user, reference)
        const row = await readPlaylist(db, user, now(), playlist_id)
        const question = `Delete the playlist "${name}"? Its decks stay.`
        if (!(await term.confirm(question, '--yes'))) return out.nothing('Nothing was changed.')
        const [gone] = await db
          .delete(playlists)
          .where(and(eq(playlists.playlist_id, playlist_id), eq(playlists.user_id, user.user_id)))
          .returning({ playlist_id: playlists.playlist_id })
        if (!gone) throw notFound('playlist', reference)
        await out.done(playlistView, row, `Deleted the playlist "${name}". Its decks are still there.`)
      }),
    )
  examples(command, [
    ['rote playlist delete Languages', 'asks first'],
    ['rote playlist delete Languages --yes', 'for a script'],
  ])
}
