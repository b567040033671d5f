import type { Verb } from '../verb.ts'
import { addCard } from './add.ts'
import { deleteCard } from './delete.ts'
import { editCard } from './edit.ts'
import { showHistory } from './history.ts'
import { addCardImage } from './image-add.ts'
import { listCardImages } from './image-list.ts'
import { removeCardImage } from './image-remove.ts'
import { showCardImage } from './image-show.ts'
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

const IMAGE_VERBS = [addCardImage, listCardImages, showCardImage, removeCardImage]

const card: Verb = (card, run) => {
  for (const verb of VERBS) verb(card, run)
  const image = card.command('image').description('the images of cards').helpCommand(false)
  for (const verb of IMAGE_VERBS) verb(image, run)
}
export default card
