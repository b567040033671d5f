import type { Verb } from '../verb.ts'
import { createUser } from './create.ts'
import { deleteUser } from './delete.ts'
import { editUser } from './edit.ts'
import { listUsers } from './list.ts'
import { changePassword } from './password.ts'
import { viewUser } from './view.ts'

const user: Verb = (user, run) => {
  for (const verb of [createUser, listUsers, viewUser, editUser, changePassword, deleteUser]) verb(user, run)
}
export default user
