import type { Verb } from '../verb.ts'
import { emptyTrash } from './empty.ts'
import { listTrash } from './list.ts'
import { restoreTrash } from './restore.ts'

const trash: Verb = (trash, run) => {
  for (const verb of [listTrash, restoreTrash, emptyTrash]) verb(trash, run)
}
export default trash
