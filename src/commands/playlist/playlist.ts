import type { Verb } from '../verb.ts'
import { addToPlaylist } from './add.ts'
import { createPlaylist } from './create.ts'
import { deletePlaylist } from './delete.ts'
import { editPlaylist } from './edit.ts'
import { listPlaylists } from './list.ts'
import { removeFromPlaylist } from './remove.ts'
import { viewPlaylist } from './view.ts'

const playlist: Verb = (playlist, run) => {
  for (const verb of [
    createPlaylist,
    listPlaylists,
    viewPlaylist,
    editPlaylist,
    deletePlaylist,
    addToPlaylist,
    removeFromPlaylist,
  ])
    verb(playlist, run)
}
export default playlist
