import { sql } from 'drizzle-orm'
import { selectTrash, type TrashRow } from '../../db/trash.ts'
import { listPage, type PageOptions, paged } from '../page.ts'
import { examples, type Verb } from '../verb.ts'
import { trashView } from './shared.ts'

export const listTrash: Verb = (trash, run) => {
  const command = paged(trash.command('list').alias('ls'))
    .description('what is in the trash, the latest first')
    .action(
      run(({ db, user, out, term }, options: PageOptions) =>
        listPage<TrashRow>(out, trashView(term.size().columns), options, ({ last, offset, limit }) => {
          const wanted =
            last &&
            sql`(t.deleted_at, t.id) < (${last.deleted_at.toISOString()}::timestamptz, ${last.id}::uuid)`
          return selectTrash(db, user, { ...(wanted && { wanted }), offset, limit })
        }),
      ),
    )
  examples(command, [
    ['rote trash list', 'decks, playlists and cards that were deleted'],
    ['rote trash list --json', 'for a script'],
  ])
}
