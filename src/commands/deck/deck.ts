import type { Verb } from '../verb.ts'
import { copyOfDeck } from './copy.ts'
import { createDeck } from './create.ts'
import { deleteDeck } from './delete.ts'
import { editDeck } from './edit.ts'
import { exportDeck } from './export.ts'
import { importDeck } from './import.ts'
import { listDecks } from './list.ts'
import { viewDeck } from './view.ts'

const deck: Verb = (deck, run) => {
  for (const verb of [
    createDeck,
    listDecks,
    viewDeck,
    editDeck,
    deleteDeck,
    copyOfDeck,
    importDeck,
    exportDeck,
  ])
    verb(deck, run)
}
export default deck
