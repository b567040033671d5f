import type { Verb } from '../verb.ts'
import { addCard } from './add.ts'
import { deleteCard } from './delete.ts'
import { editCard } from './edit.ts'
import { listCards } from './list.ts'
import { moveCard } from './move.ts'
import { searchCards } from './search.ts'
import { viewCard } from './view.ts'

const card: Verb = (card, run) => {
  for (const verb of [addCard, listCards, viewCard, editCard, deleteCard, moveCard, searchCards])
    verb(card, run)
}
export default card
