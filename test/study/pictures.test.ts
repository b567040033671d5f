import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import type { CardImage } from '../../src/db/images.ts'
import { localStore } from '../../src/images/local.ts'
import { createPictures, type Pictures } from '../../src/study/pictures.ts'
import type { Graphics } from '../../src/ui/graphics.ts'
import { PNG, png, RED } from '../support/images.ts'
import { studyCard } from '../support/study-card.ts'

const home = mkdtempSync(join(tmpdir(), 'rote-pictures-'))
const settings: Config['images'] = {
  store: 'local',
  folder: home,
  s3: {
    endpoint: null,
    region: null,
    bucket: null,
    prefix: '',
    pathStyle: null,
    accessKeyId: null,
    secretAccessKey: null,
    sessionToken: null,
  },
  cloudinary: null,
  network: 'any',
  display: 'auto',
  cell: { width: 10, height: 20 },
}
/** It takes a request and never answers. */
let asked = 0
const silent = createServer(() => void asked++)
let never: string
let small: string
let large: string
beforeAll(async () => {
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done))
  never = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/a.png`
  const { signal } = new AbortController()
  small = await localStore(home).put(PNG, 'png', signal)
  const line = Array.from({ length: 400 }, () => RED)
  large = await localStore(home).put(png(Array.from({ length: 400 }, () => line)), 'png', signal)
})
afterAll(() => {
  silent.closeAllConnections()
  silent.close()
  rmSync(home, { recursive: true })
})

let pictures: Pictures
afterEach(() => pictures.close())

const card = studyCard({ card_id: 'a' })
const size = { columns: 60, rows: 20 }
const image = (given: Partial<CardImage>): CardImage => ({
  image_id: given.image_url ?? '',
  card_id: 'a',
  image_url: small,
  side: 'question',
  alt: 'a flag',
  position: 0,
  created_at: new Date(0),
  ...given,
})
const make = (images: Partial<CardImage>[], graphics: Graphics = 'blocks') => {
  pictures = createPictures(images.map(image), settings, graphics)
  return pictures
}
const come = () => new Promise<void>((done) => pictures.onCome(done))

test('a picture is words until it is there', async () => {
  make([{}])
  const came = come()
  expect(pictures.lines(card, 'asked', size)).toEqual(['', '[image: a flag]'])
  await came
  const lines = pictures.lines(card, 'asked', size)
  expect(lines).toHaveLength(3)
  expect(lines[1]).toContain('\x1b[38;2;255;0;0;48;2;0;0;255m▀')
  expect(pictures.lines(card, 'expected', size)).toEqual([])
  expect(pictures.words(card, 'asked')).toEqual(['[image: a flag]'])
})

test('backwards the sides change places', () => {
  make([{}], null)
  const reverse = { ...card, direction: 'reverse' as const }
  expect(pictures.words(reverse, 'asked')).toEqual([])
  expect(pictures.words(reverse, 'expected')).toEqual(['[image: a flag]'])
})

test('a picture has half of the room, and what is drawn ahead is there at once', async () => {
  make([{ image_url: large }, { image_id: 'b', card_id: 'b', image_url: large }])
  const came = come()
  pictures.lines(card, 'asked', size)
  await came
  expect(pictures.lines(card, 'asked', size)).toHaveLength(1 + 10)
  const next = come()
  pictures.ahead(studyCard({ card_id: 'b' }))
  await next
  expect(pictures.lines(studyCard({ card_id: 'b' }), 'asked', size)).toHaveLength(1 + 10)
})

test('in a window that is too small it is words, and nobody is asked for it', () => {
  const before = asked
  make([{ image_url: never }])
  expect(pictures.lines(card, 'asked', { columns: 60, rows: 5 })).toEqual(['', '[image: a flag]'])
  expect(pictures.lines(card, 'asked', { columns: 7, rows: 20 }).join('')).toContain('[image:')
  expect(asked).toBe(before)
})

test.each<[what: string, given: Partial<CardImage>, line: RegExp]>([
  ['is gone', { image_url: `media:${'0'.repeat(64)}.png` }, /not in the media folder/],
  ['cannot be reached', { image_url: 'http://127.0.0.1:9/a.png' }, /127\.0\.0\.1:9/],
  ['has no address', { image_url: 'javascript:alert(1)' }, /no address of an image/],
  ['has escapes in its words', { image_url: 'x', alt: 'a\x1b]0;b\nc' }, /^\[image: a␛\]0;b c\]/],
])('one that %s says so', async (_, given, line) => {
  make([given])
  const came = come()
  pictures.lines(card, 'asked', { columns: 200, rows: 20 })
  await came
  expect(pictures.lines(card, 'asked', { columns: 200, rows: 20 })[1]).toMatch(line)
})

test('graphics of the terminal keep a place, and are found by it', async () => {
  make([{ image_url: large }], 'kitty')
  const came = come()
  pictures.lines(card, 'asked', size)
  await came
  const lines = pictures.lines(card, 'asked', size)
  expect(lines).toHaveLength(1 + 10)
  const key = lines[1]?.split(';')[1] ?? ''
  expect(pictures.graphic(key)).toMatchObject({ columns: 20, rows: 10, alt: '[image: a flag]' })
})

test('what never comes is let go of at the end', () => {
  make([{ image_url: never }])
  expect(pictures.lines(card, 'asked', size)).toEqual(['', '[image: a flag]'])
  pictures.close()
  expect(pictures.lines(card, 'asked', size)).toEqual(['', '[image: a flag]'])
})

test.each(['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433'])(
  'nothing asks http://%s/ because a card says so',
  async (host) => {
    const before = asked
    const address = never.replace('127.0.0.1', host)
    pictures = createPictures(
      [image({ image_url: address, alt: 'bait' })],
      { ...settings, network: 'public' },
      'blocks',
    )
    const come = new Promise<void>((done) => pictures.onCome(done))
    pictures.lines(card, 'asked', size)
    await come
    expect(pictures.lines(card, 'asked', size).join(' ')).toMatch(/private network/)
    expect(asked).toBe(before)
  },
)
