import { default_w } from 'ts-fsrs'
import { expect, test, vi } from 'vitest'
import { makeDeck } from '../support/builders.ts'
import { sql, useDatabase } from '../support/database.ts'
import { makeHistory } from '../support/learner.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

// as on a platform for which it is not compiled
vi.mock('@open-spaced-repetition/binding', () => {
  throw new Error('Cannot find native binding.')
})

test('where the optimiser does not run, it is said, and the rest works', async () => {
  const { cards } = await makeDeck(
    'Cards',
    Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`q${n}`, 'a'])),
  )
  await makeHistory(cards, { weights: default_w })
  expect(await rote('study optimize')).toMatchObject({
    code: 5,
    stdout: '',
    stderr:
      'The optimiser of FSRS does not run on this machine.\n' +
      'Everything else does. Where it runs, the weights it finds on a database are yours here too.\n',
  })
  await sql`
    insert into user_settings (user_id, weights) select user_id, ${`{${default_w.join(',')}}`}::float8[] from users`
  expect((await rote('study optimize --reset --json')).json()).toMatchObject({ changed: true, weights: null })
  expect(await did('study --json', { input: ' 3q' })).toContain('"answers": 1')
})
