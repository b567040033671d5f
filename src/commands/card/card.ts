import type { Verb } from '../verb.ts'
import { addCard } from './add.ts'
import { deleteCard } from './delete.ts'
import { editCard } from './edit.ts'
import { showHistory } from './history.ts'
import { listCards } from './list.ts'
import { moveCard } from './move.ts'
import { searchCards } from './search.ts'
import { suspendCard } from './suspend.ts'
import { unsuspendCard } from './unsuspend.ts'
import { viewCard } from './view.ts'

const VERBS = [
  addCard,
  listCards,
  viewCard,
  editCard,
  deleteCard,
  moveCard,
  searchCards,
  suspendCard,
  unsuspendCard,
  showHistory,
]

const card: Verb = (card, run) => {
  for (const verb of VERBS) verb(card, run)
}
export default card
