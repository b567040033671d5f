import { readSettings, studyDay } from '../db/settings.ts'
import { type DueDeck, newCardsLeft, toDo } from '../study/queue.ts'
import type { View } from '../ui/output.ts'
import { examples, type Verb } from './verb.ts'

/** Decks with something to do. */
export const dueView: View<DueDeck> = {
  columns: [
    { header: 'id', value: (deck) => deck.deck_id, hidden: true },
    { header: 'deck', value: (deck) => deck.name, flexible: true },
    { header: 'due', value: (deck) => deck.due, align: 'right' },
    { header: 'new', value: (deck) => deck.new, align: 'right' },
  ],
  key: (deck) => deck.deck_id,
  empty: 'Nothing is due.',
}

const due: Verb = (due, run) => {
  due.option('--count', 'only the number of cards, for a prompt or a status line').action(
    run(async ({ db, user, config, out, now }, options: { count?: true }) => {
      const settings = await readSettings(db, user)
      const moment = { now: now(), day: studyDay(settings, config.timeZone, now()) }
      const newLeft = await newCardsLeft(db, user, settings, moment.day)
      const { decks, count } = await toDo(db, user, newLeft, moment)
      if (!options.count) return out.list(dueView, decks)
      await out.answer(String(count), { count })
    }),
  )
  examples(due, [
    ['rote due', 'by deck'],
    ['rote due --count', 'how many cards a sitting would have now'],
  ])
}
export default due
