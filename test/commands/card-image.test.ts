import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDeck } from '../support/builders.ts'
import { databaseEnv, folder, sql, useDatabase } from '../support/database.ts'
import { BLUE, GREEN, PNG, png, pngOf, RED, WHITE } from '../support/images.ts'
import { did, rote } from '../support/rote.ts'

useDatabase()

const { ROTE_HOME: home = '' } = await databaseEnv()
const env = { NO_COLOR: '' }
const file = join(folder, 'flag.png')
writeFileSync(file, PNG)

let card_id: string
beforeEach(async () => {
  const { cards } = await makeDeck('Spanish', { perro: 'dog' })
  card_id = cards[0]?.card_id ?? ''
})

afterEach(() => {
  rmSync(join(home, 'config.json'), { force: true })
  rmSync(join(home, 'media'), { recursive: true, force: true })
})

const add = (...words: string[]) => rote(['card', 'image', 'add', card_id, ...words], { env })
const rows = () => sql`select image_url, side, alt, position from card_images order by position`

describe('add', () => {
  test('a file goes to the media folder', async () => {
    const { code, stdout } = await rote(['card', 'image', 'add', card_id, file, '--alt', 'a flag'], {
      env,
      tty: true,
    })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Added an image to the question of "perro".\n' })
    const [row] = await rows()
    expect(row).toEqual({
      image_url: expect.stringMatching(/^media:[0-9a-f]{64}\.png$/),
      side: 'question',
      alt: 'a flag',
      position: 0,
    })
    const name = row?.image_url.replace('media:', '')
    expect(readFileSync(join(home, 'media', name.slice(0, 2), name)).equals(PNG)).toBe(true)
  })

  test('an address is kept as it is, and nobody is asked for it', async () => {
    await did(['card', 'image', 'add', card_id, 'https://example.org/Dog%20.jpg?size=2', '--side', 'answer'])
    expect(await rows()).toMatchObject([
      { image_url: 'https://example.org/Dog%20.jpg?size=2', side: 'answer', alt: null },
    ])
  })

  test('what comes in on a pipe is one, too; each stands behind those before', async () => {
    const { stdout } = await rote(['card', 'image', 'add', card_id, '-'], { env, input: PNG })
    expect(stdout).toMatch(/^[0-9a-f-]{36}\n$/)
    await add(file)
    expect(await rows()).toMatchObject([{ position: 0 }, { position: 1 }])
    expect(readdirSync(join(home, 'media'))).toHaveLength(1)
  })

  const text = join(folder, 'notes.png')
  const big = join(folder, 'big.png')
  const bomb = join(folder, 'bomb.png')
  writeFileSync(text, 'no image')
  writeFileSync(big, Buffer.alloc(50_000_000))
  writeFileSync(bomb, pngOf(20_000, 20_000, Buffer.alloc(0)))
  test.each<[what: string, words: string[], code: number, stderr: RegExp]>([
    ['a file that is not there', ['nowhere.png'], 3, /^No file "nowhere\.png"\.\n$/],
    ['a folder', [folder], 1, /is a folder, not a file\.\n$/],
    ['what is no image', [text], 1, /notes\.png is not an image\.\nIt can be a PNG, /],
    ['50 MB', [big], 1, /big\.png is larger than 10 MB\.\nMake it smaller/],
    ['a bomb', [bomb], 1, /bomb\.png has 20000 x 20000 pixels, which is too many\./],
    ['another scheme', ['ftp://example.org/a.png'], 2, /is no http or https address/],
    ['a password', ['https://me:secret@example.org/a.png'], 2, /^The address has a password in it/],
    ['another side', [file, '--side', 'back'], 2, /must be question or answer/],
    ['no words', [file, '--alt', ' '], 2, /is empty/],
    ['too many words', [file, '--alt', 'x'.repeat(1001)], 2, /longer than 1000 characters/],
  ])('%s is refused, and nothing is kept', async (_, words, code, stderr) => {
    const ran = await add(...words)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' })
    expect(ran.stderr).toMatch(stderr)
    expect(ran.stderr).not.toContain('secret')
    expect(await rows()).toEqual([])
  })

  test.each<[set: [string, string][], code: number, stderr: RegExp]>([
    [[['images', 's3']], 2, /^No bucket for images is named\.\nName it: rote config set s3_bucket/],
    [
      [
        ['images', 's3'],
        ['s3_bucket', 'b'],
      ],
      6,
      /^The keys for the bucket "b" are not set\.\nSet them: export AWS_/,
    ],
    [
      [['images', 'cloudinary']],
      6,
      /^The keys for Cloudinary are not set\.\nSet them: export CLOUDINARY_URL=/,
    ],
    [
      [
        ['images', 's3'],
        ['s3_bucket', 'b'],
        ['s3_endpoint', 'http://127.0.0.1:9'],
        ['s3_access_key_id', 'k'],
        ['s3_secret_access_key', 'hush'],
      ],
      5,
      /^(?!.*hush)/,
    ],
  ])('a store that is not set up, or not there, is said: %j', async (set, code, stderr) => {
    for (const [key, value] of set) await did(['config', 'set', key, value])
    const ran = await add(file)
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code, stdout: '' })
    expect(ran.stderr).toMatch(stderr)
    expect(await rows()).toEqual([])
  })
})

describe('list, show and remove', () => {
  let image_id: string
  beforeEach(async () => {
    await did(['card', 'image', 'add', card_id, 'https://example.org/b.png', '--side', 'answer'])
    image_id = await did(['card', 'image', 'add', card_id, file, '--alt', 'a flag'], { env })
  })

  test('a list in its four modes', async () => {
    const list = (flag: string, tty = false) =>
      rote(`card image list ${card_id.slice(0, 6)} ${flag}`, { tty })
    expect((await list('-q')).stdout.split('\n')).toEqual([expect.any(String), image_id, ''])
    expect((await list('--json')).json()).toMatchObject([
      { card_id, side: 'answer', image_url: 'https://example.org/b.png', alt: null, position: 0 },
      { image_id, side: 'question', alt: 'a flag', position: 1 },
    ])
    const [line = ''] = (await list('')).stdout.split('\n')
    expect(line.split('\t').slice(1, 6)).toEqual([card_id, 'answer', '', 'https://example.org/b.png', '0'])
    expect((await list('', true)).stdout).toMatch(/^ID +CARD +SIDE +SHOWS +WHERE\n/)
  })

  test('a card without images says how it gets one', async () => {
    await sql`delete from card_images`
    const { code, stderr } = await rote(`card image list ${card_id}`, { tty: true })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'No images yet. Add one with: rote card image add <card> <file>\n',
    })
  })

  test('a card is shown with a line for each', async () => {
    const { stdout } = await rote(`card view ${card_id}`, { tty: true })
    expect(stdout).toMatch(
      /^images +[0-9a-f]{8} {2}answer {2}https:\/\/example\.org\/b\.png\n +[0-9a-f]{8} {2}question {2}a flag\n/m,
    )
    expect((await rote(`card view ${card_id} --json`)).json()).toMatchObject({
      card_id,
      images: [{ side: 'answer' }, { image_id, alt: 'a flag' }],
    })
  })

  const shown = (env_: Record<string, string>, columns = 80) =>
    rote(`card image show ${image_id.slice(0, 8)}`, { env: { ...env, ...env_ }, tty: true, columns })

  test('a terminal of many colours shows half blocks, pixel by pixel', async () => {
    const { code, stdout } = await shown({ COLORTERM: 'truecolor' })
    const [red, green, blue, white] = [RED, GREEN, BLUE, WHITE].map((colour) => colour.join(';'))
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: [
        `\x1b[38;2;${red};48;2;${blue}m▀\x1b[38;2;${green};48;2;${white}m▀\x1b[0m`,
        `\x1b[38;2;${green};49m▀\x1b[38;2;${red};49m▀\x1b[0m`,
        'a flag',
        '',
      ].join('\n'),
    })
  })

  test.each<[env: Record<string, string>, begins: string]>([
    [{ TERM: 'xterm-kitty' }, '_Ga=T,f=100,q=2,C=1,i=7683,c=1,r=1,m=0;iVBORw0KGgo'],
    [{ TERM_PROGRAM: 'iTerm.app' }, ']1337;File=inline=1;size='],
    [{ TERM: 'foot' }, 'P0;1;q"1;1;2;3'],
    [{ TERM: 'xterm-256color' }, '[38;5;196;48;5;21m▀'],
  ])('as the terminal can: %j', async (env, begins) => {
    expect((await shown({ COLORTERM: '', ...env })).stdout).toContain(`\x1b${begins}`)
  })

  test.each<[what: string, env: Record<string, string>]>([
    ['that can nothing', { TERM: 'vt100' }],
    ['without colours', { TERM: 'xterm-256color', NO_COLOR: '1' }],
    ['that is dumb', { TERM: 'dumb', COLORTERM: 'truecolor' }],
  ])('a terminal %s gets words', async (_, env) => {
    const { code, stdout } = await shown(env)
    expect(code).toBe(0)
    expect(stdout).toMatch(/shows.* a flag$/m)
    expect(stdout).not.toContain('▀')
  })

  test('the setting decides before the terminal', async () => {
    await did('config set image_display off', { env })
    expect((await shown({ TERM: 'xterm-kitty' })).stdout).toMatch(/shows.* a flag$/m)
    await did('config set image_display sixel', { env })
    expect((await shown({ TERM: 'xterm-kitty' })).stdout).toContain('\x1bP0;1;q')
    expect((await rote('config set image_display tv', { env })).code).toBe(2)
  })

  test('in a pipe it is its row', async () => {
    const { stdout } = await rote(`card image show ${image_id}`, { env: { ...env, COLORTERM: 'truecolor' } })
    expect(stdout.split('\t').slice(0, 4)).toEqual([image_id, card_id, 'question', 'a flag'])
  })

  test('an image that is not there any more is said', async () => {
    rmSync(join(home, 'media'), { recursive: true })
    const { code, stderr } = await shown({ COLORTERM: 'truecolor' })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^The image is not in the media folder of this machine\.\nIt would be /)
  })

  test('what only says that it is an image is said', async () => {
    const hollow = join(folder, 'hollow.gif')
    writeFileSync(hollow, Buffer.from('GIF89a\x1e\0\x14\0\0\0\0;', 'latin1'))
    image_id = await did(['card', 'image', 'add', card_id, hollow], { env })
    const { code, stderr, stdout } = await shown({ COLORTERM: 'truecolor' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe('The image cannot be shown: it is damaged.\n')
  })

  test('a large one fits the window', async () => {
    const wide = join(folder, 'wide.png')
    writeFileSync(wide, png(Array.from({ length: 100 }, () => Array.from({ length: 300 }, () => RED))))
    image_id = await did(['card', 'image', 'add', card_id, wide], { env })
    const lines = (await shown({ COLORTERM: 'truecolor' }, 40)).stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split('▀').length - 1)).toEqual(Array(7).fill(40))
  })

  test('one that is removed leaves its file: others may have it', async () => {
    const [row] = await sql`select image_url from card_images where image_id = ${image_id}`
    const name = row?.image_url.replace('media:', '')
    expect(await did(`card image remove ${image_id.slice(0, 8)}`)).toBe(image_id)
    expect(await rows()).toHaveLength(1)
    expect(statSync(join(home, 'media', name.slice(0, 2), name)).size).toBe(PNG.length)
    expect((await rote(`card image remove ${image_id}`)).code).toBe(3)
    expect((await rote('card image remove abc')).stderr).toMatch(/^"abc" is too short: an image is named by/)
  })
})

test('secrets of stores are not printed', async () => {
  await did('config set s3_secret_access_key hush', { env })
  await did('config set cloudinary_url cloudinary://123:hush@demo', { env })
  for (const line of [
    'config list',
    'config list --json',
    'config get s3_secret_access_key',
    'config get cloudinary_url',
  ])
    expect(await did(line, { env })).not.toContain('hush')
  expect(await did('config get cloudinary_url', { env })).toBe('cloudinary://123:***@demo')
  expect(statSync(join(home, 'config.json')).mode & 0o777).toBe(0o600)
})
