import type { Command } from 'commander'
import { GRADES } from '../../core/card.ts'
import { formatInterval } from '../../core/interval.ts'
import { previewSchedules } from '../../core/schedule.ts'
import { asked, expected, type StudyCard } from '../../core/study-card.ts'
import { loadCards } from '../../study/cards.ts'
import { loadQueue } from '../../study/queue.ts'
import type { View } from '../../ui/output.ts'
import { examples, type Verb } from '../verb.ts'
import { choose, nothingDue, optionsOf, type SelectOptions, selecting } from './shared.ts'

/** The card to ask next, for whoever asks it: see docs/study.md for the fields. */
const nextView: View<Next> = {
  columns: [
    { header: 'id', value: ({ card }) => card.card_id },
    { header: 'direction', value: ({ card }) => card.direction },
    { header: 'deck', value: ({ card }) => card.deck },
    { header: 'question', value: ({ card }) => card.question },
    { header: 'answer', value: ({ card }) => card.answer },
    ...GRADES.map((grade) => ({ header: grade, value: ({ previews }: Next) => previews[grade].interval })),
    { header: 'left', value: ({ left }) => left },
  ],
  key: ({ card }) => card.card_id,
  empty: '',
}

interface Next {
  card: StudyCard
  previews: Record<(typeof GRADES)[number], { due: Date; interval: string }>
  left: number
}

export const nextCard: Verb = (study, run) => {
  const command = selecting(
    study.command('next').description('the card to ask next, for scripts and editors'),
  ).action(
    run(async ({ db, user, config, out, now }, references: string[], _: unknown, command: Command) => {
      const options = optionsOf<SelectOptions>(command)
      const chosen = await choose(db, user, config, references, options, now())
      const { selection, settings, order, day } = chosen
      const queue = await loadQueue(db, user, selection, chosen, order, { now: now(), day })
      const [card] = await loadCards(db, user, queue.slice(0, 1))
      if (!card) return out.nothing(await nothingDue(db, user, chosen, now()))
      const at = now()
      const schedules = previewSchedules(card.schedule, at, { ...card, weights: settings.weights })
      const preview = (grade: (typeof GRADES)[number]) => {
        const { due } = schedules[grade]
        return { due, interval: formatInterval(due.getTime() - at.getTime()) }
      }
      const previews = { again: preview('again'), almost: preview('almost'), got_it: preview('got_it') }
      await out.one(nextView, {
        card: { ...card, question: asked(card), answer: expected(card) },
        previews,
        left: queue.length,
      })
    }),
  )
  examples(command, [
    ['rote study next --json', 'question, answer, and when each grade would bring it back'],
    ['rote study next Spanish --json', 'from one deck'],
  ])
}
