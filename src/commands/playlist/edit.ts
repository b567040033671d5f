import { and, eq } from 'drizzle-orm'
import { checkName } from '../../core/name.ts'
import { changedBy } from '../../db/changes.ts'
import { findPlaylist } from '../../db/find.ts'
import { sqlState, UNIQUE_VIOLATION } from '../../db/problem.ts'
import { playlists } from '../../db/schema.ts'
import { keptBy } from '../../db/where.ts'
import { conflict, notFound, usage } from '../../errors.ts'
import { examples, type Verb } from '../verb.ts'
import { playlistView, readPlaylist } from './shared.ts'

export const editPlaylist: Verb = (playlist, run) => {
  const command = playlist
    .command('edit <playlist>')
    .description('rename a playlist or describe it')
    .option('--name <name>', 'its new name')
    .option('--description <text>', 'its new description; "" for none')
    .action(
      run(
        async (
          { db, user, out, now },
          reference: string,
          options: { name?: string; description?: string },
        ) => {
          if (options.name === undefined && options.description === undefined) {
            throw usage('There is nothing to change.', 'Say what: --name <name> or --description <text>')
          }
          const { playlist_id } = await findPlaylist(db, user, reference)
          const changes = {
            ...(options.name !== undefined && { name: checkName('playlist', options.name) }),
            ...(options.description !== undefined && { description: options.description || null }),
          }
          const [changed] = await db
            .update(playlists)
            .set(changes)
            .where(and(eq(playlists.playlist_id, playlist_id), keptBy(user), changedBy(user)))
            .returning({ name: playlists.name })
            .catch((error: unknown) => {
              if (sqlState(error) !== UNIQUE_VIOLATION) throw error
              throw conflict(`You already have a playlist "${changes.name}".`, 'Choose another name.')
            })
          if (!changed) throw notFound('playlist', reference)
          const row = await readPlaylist(db, user, now(), playlist_id)
          await out.done(playlistView, row, `Changed the playlist "${changed.name}".`)
        },
      ),
    )
  examples(command, [['rote playlist edit Langs --name Languages', 'its decks stay as they are']])
}
