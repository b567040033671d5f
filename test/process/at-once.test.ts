import { expect, test } from 'vitest'
import { answer, newHome, rote, serversOf } from './support.ts'

test('twenty first commands at once make twenty cards with one server', async () => {
  const home = newHome()
  const runs = Array.from({ length: 20 }, (_, i) =>
    rote(home, ['card', 'add', 'Deck', '-Q', `q${i}`, '-A', `a${i}`]),
  )
  const ended = await Promise.all(runs)

  expect(ended.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
  expect(new Set(ended.map(({ stdout }) => stdout.trim())).size).toBe(20)
  expect(serversOf(home)).toHaveLength(1)
  const cards = await answer<{ question: string }[]>(home, 'card', 'list')
  expect(cards.map(({ question }) => question).sort()).toEqual(
    Array.from({ length: 20 }, (_, i) => `q${i}`).sort(),
  )
  expect(await answer(home, 'deck', 'list')).toHaveLength(1)
}, 60_000)
