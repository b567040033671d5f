import { sql } from 'drizzle-orm'
import { playlists } from '../../db/schema.ts'
import { type Fetch, listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { type PlaylistRow, playlistView, selectPlaylists } from './shared.ts'

export const listPlaylists: Verb = (playlist, run) => {
  const command = paged(playlist.command('list'))
    .alias('ls')
    .description('list playlists, with what is due in them')
    .action(
      run(async ({ db, user, out, now }, options: PageOptions) => {
        const at = now()
        const fetch: Fetch<PlaylistRow> = ({ last, offset, limit }) => {
          const behind =
            last &&
            sql`(lower(${playlists.name}), ${playlists.playlist_id}) > (lower(${last.name}), ${last.playlist_id}::uuid)`
          return selectPlaylists(db, user, at, behind)
            .orderBy(sql`lower(${playlists.name})`, playlists.playlist_id)
            .limit(limit)
            .offset(offset)
        }
        await listPage(out, playlistView, options, fetch)
      }),
    )
  examples(command, [['rote playlist list', 'by name']])
}
