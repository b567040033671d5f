import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, test } from 'vitest'
import { databaseEnv, folder, sql, useDatabase } from '../support/database.ts'
import { everything } from '../support/everything.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

// Packages of Anki's through the commands; test/formats/anki has what becomes of a card.

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/anki/${name}`, import.meta.url))

beforeEach(async () => void (await did('deck list')))

const media = async () => {
  const place = join((await databaseEnv()).ROTE_HOME ?? '', 'media')
  return existsSync(place)
    ? readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    : []
}

test.each([
  ['ap_gov_vocab_anki11.apkg', 484, 0, { 'Gov Vocab': 484 }],
  ['mixed-legacy-2.apkg', 10, 20, { 'Test - Mixed Types': 10 }],
  ['apy.anki2', 55, 0, { Default: 50, NewDeck: 5 }],
  ['AnkiPandas.anki2', 12, 6, { Testing: 4, EnglishGerman: 8 }],
  ['anki-latest.colpkg', 52, 4, {}],
])('%s with its history, and again without a change', async (name, cards, attempts, decks) => {
  const first = (await rote(['deck', 'import', fixture(name), '--with-history', '--json'])).json()
  expect(first).toMatchObject({ added: cards, updated: 0, unchanged: 0, rejected: 0, attempts })
  const rows = await sql<{ name: string; n: number }[]>`
    select decks.name, count(*)::int as n from cards join decks using (deck_id) group by 1`
  expect(Object.fromEntries(rows.map(({ name, n }) => [name, n]))).toMatchObject(decks)
  expect(await sql`select from revision_attempts`).toHaveLength(attempts)
  // what the answers give is what the schedules are
  expect((await rote('db rebuild --dry-run --json')).json()).toMatchObject({
    changed: 0,
    added: 0,
    removed: 0,
  })
  const before = await everything()
  const line = ['deck', 'import', fixture(name), '--with-history', '--on-duplicate', 'update', '--json']
  expect((await rote(line)).json()).toMatchObject({ added: 0, updated: 0, attempts: 0 })
  expect(await everything()).toEqual(before)
})

test('a dry run says the same and writes nothing, not even a picture', async () => {
  const before = await everything()
  const pictures = (await media()).length
  const dry = (
    await rote(['deck', 'import', fixture('anki-latest.apkg'), '--dry-run', '--json'])
  ).json<object>()
  expect(await everything()).toEqual(before)
  expect((await media()).length).toBe(pictures)
  const real = (await rote(['deck', 'import', fixture('anki-latest.apkg'), '--json'])).json<object>()
  expect({ ...dry, import_id: null, dry_run: false }).toEqual({ ...real, import_id: null })
})

test('through a pipe it needs no name, since it says its decks', async () => {
  const input = readFileSync(fixture('apkg-to-csv.apkg'))
  expect((await rote('deck import - --json', { input })).json()).toMatchObject({ added: 2 })
  expect((await rote('deck import - --deck Mine --json', { input })).json()).toMatchObject({ added: 2 })
  expect((await did('deck list -q')).split('\n')).toHaveLength(2)
})

test('pictures come along, are kept once, and go with the import', async () => {
  const ran = await rote(['deck', 'import', fixture('anki-apkg-export.apkg'), '--json'])
  const { import_id } = ran.json<{ import_id: string }>()
  const [image] = await sql<{ card_id: string; image_url: string }[]>`select * from card_images`
  expect(image?.image_url).toMatch(/^media:[0-9a-f]{64}\.(png|jpg)$/)
  const shown = (await rote(['card', 'image', 'list', image?.card_id ?? '', '--json'])).json<unknown[]>()
  expect(shown).toMatchObject([{ image_url: image?.image_url, card_id: image?.card_id }])
  const files = (await media()).map(({ name }) => name)
  expect(files).toContain(image?.image_url.slice('media:'.length))
  await did(['deck', 'import', fixture('anki-apkg-export.apkg'), '--on-duplicate', 'update'])
  expect(await sql`select from card_images`).toHaveLength(1)
  const undone = await rote(['deck', 'import', '--undo', import_id.slice(0, 8)], { tty: true })
  expect(undone).toMatchObject({ code: 0, stderr: '' })
  expect(undone.stdout).toMatch(
    /^Took the import back: made the deck "deck-name", imported 3 cards from \S+ into "deck-name"\.\n$/,
  )
  expect(await did('card list')).toBe('')
  expect(await rote(['deck', 'import', '--undo', import_id])).toMatchObject({ code: 4 })
})

describe('out again', () => {
  test.each(['mixed-legacy-2.apkg', 'anki-apkg-export.apkg', 'AnkiPandas.anki2'])(
    'what %s has goes into a package, and comes back as nothing new',
    async (name) => {
      await did(['deck', 'import', fixture(name), '--deck', 'One', '--with-history'])
      const path = join(folder, 'one.apkg')
      const written = await rote(['deck', 'export', 'One', '--with-history', '-o', path, '--yes', '--json'])
      expect(written).toMatchObject({ code: 0, stderr: '' })
      const before = await everything()
      const line = [
        'deck',
        'import',
        path,
        '--deck',
        'One',
        '--with-history',
        '--on-duplicate',
        'update',
        '--json',
      ]
      expect((await rote(line)).json()).toMatchObject({ added: 0, updated: 0, skipped: 0, attempts: 0 })
      expect(await everything()).toEqual(before)
      // as much of it in a new deck: cards, answers, pictures
      const count = async (deck: string) => {
        const [row] = await sql`
          select count(distinct c.card_id)::int as cards, count(distinct a.attempt_id)::int as attempts,
            count(distinct i.image_id)::int as images, count(distinct s.card_id)::int as scheduled
          from cards c join decks using (deck_id) left join revision_attempts a using (card_id)
            left join card_images i using (card_id) left join card_schedules s using (card_id) where decks.name = ${deck}`
        return row
      }
      await did(['deck', 'import', path, '--deck', 'Two', '--with-history'])
      expect(await count('Two')).toEqual(await count('One'))
    },
  )

  test('nothing for a terminal', async () => {
    await did('deck create Spanish')
    expect(await rote('deck export Spanish --format apkg', { tty: true })).toMatchObject({
      code: 2,
      stdout: '',
    })
  })
})

test('JSON lines with the history are everything, too', async () => {
  await did(['deck', 'import', fixture('mixed-legacy-2.apkg'), '--deck', 'One', '--with-history'])
  await did(['card', 'suspend', (await did('card list One -q')).split('\n')[0] ?? ''])
  const lines = (await rote('deck export One --with-history')).stdout
  expect(lines).toContain('"suspended":true')
  await did('deck import - --deck Two --with-history', { input: lines })
  // siblings stay siblings, under a key of their own in each deck
  const keyed = (text: string) => {
    const notes: string[] = []
    return text.replace(/"note":"([^"]+)"/g, (_, note: string) => {
      if (!notes.includes(note)) notes.push(note)
      return `"note":${notes.indexOf(note)}`
    })
  }
  expect(keyed((await rote('deck export Two --with-history')).stdout)).toBe(keyed(lines))
})
