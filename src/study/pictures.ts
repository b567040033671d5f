import type { Config } from '../config.ts'
import type { StudyCard } from '../core/study-card.ts'
import type { CardImage } from '../db/images.ts'
import { type Drawn, drawImage } from '../images/draw.ts'
import { createPainter } from '../images/paint.ts'
import { readImage } from '../images/store.ts'
import type { Size } from '../ui/frame.ts'
import { tidy } from '../ui/frame.ts'
import type { Graphic, Graphics } from '../ui/graphics.ts'
import { truncate, wrap } from '../ui/text.ts'

/** The pictures of a sitting. Whatever is not there yet, or never will be, is words. */
export interface Pictures {
  /**
   * Lines for the images of a side of a card, in a body of so many lines; those that have not been drawn are being drawn from
   * then on.
   */
  lines(card: StudyCard, side: Side, size: Size): string[]
  /** The same in words, for terminals that get lines. */
  words(card: StudyCard, side: Side): string[]
  /** Draws what a card will need, for a window like the last. */
  ahead(card: StudyCard): void
  graphic(key: string): Graphic | undefined
  /** Calls back when a picture has come, or is known not to come. */
  onCome(come: () => void): void
  /** Lets go of everything that is still on its way. */
  close(): void
}

/** What a card asks, and what it wants to hear; which side of it that is, its direction says. */
export type Side = 'asked' | 'expected'

type State = { drawn: Drawn } | { problem: string } | 'coming'

/** Drawn pictures and files that are kept: the card on the screen, the next, and those just seen. */
const MOST_DRAWN = 24
const MOST_FILES = 8
/** Smaller pictures show nothing. */
const LEAST = { columns: 8, rows: 3 }

/**
 * Pictures of the images that cards of a sitting have. They are read and drawn in the background. `graphics` null: nothing is
 * read, and they are words.
 */
export function createPictures(
  images: readonly CardImage[],
  settings: Config['images'],
  graphics: Graphics,
): Pictures {
  const byCard = new Map<string, CardImage[]>()
  for (const image of images) byCard.set(image.card_id, [...(byCard.get(image.card_id) ?? []), image])
  const states = new Map<string, State>()
  const files = new Map<string, Promise<Uint8Array>>()
  const graphicsByKey = new Map<string, Graphic>()
  const stopping = new AbortController()
  const painter = createPainter()
  let come = () => {}
  let last: Size | null = null
  // numbers below are likelier to be another program's
  let number = 7_000

  const on = ({ card_id, direction }: StudyCard, side: Side): CardImage[] => {
    const where = (side === 'asked') === (direction === 'forward') ? 'question' : 'answer'
    return (byCard.get(card_id) ?? []).filter((image) => image.side === where)
  }

  const read = (address: string): Promise<Uint8Array> => {
    const file = files.get(address) ?? readImage(settings, address, stopping.signal)
    keep(files, address, file, MOST_FILES)
    // who draws it says what is wrong
    file.catch(() => {})
    return file
  }

  const stateOf = (image: CardImage, box: Size): State => {
    const key = `${image.image_id} ${box.columns} ${box.rows}`
    const there = states.get(key)
    const state = there ?? 'coming'
    for (const old of keep(states, key, state, MOST_DRAWN))
      if (typeof old === 'object' && 'drawn' in old && old.drawn.graphic)
        graphicsByKey.delete(old.drawn.graphic.key)
    if (!there) void draw(image, box).then((made) => settle(key, made))
    return state
  }

  const settle = (key: string, made: State) => {
    if (stopping.signal.aborted) return
    if (states.has(key)) states.set(key, made)
    if (typeof made === 'object' && 'drawn' in made && made.drawn.graphic)
      graphicsByKey.set(made.drawn.graphic.key, made.drawn.graphic)
    come()
  }

  const draw = async (image: CardImage, box: Size): Promise<State> => {
    if (graphics === null) return { problem: '' }
    try {
      const bytes = await read(image.image_url)
      const alt = truncate(inWords(image), box.columns)
      const drawn = await drawImage(painter, bytes, graphics, box, {
        number: number++,
        alt,
        cell: settings.cell,
      })
      return { drawn }
    } catch (error) {
      return { problem: (error as Error).message }
    }
  }

  return {
    lines(card, side, size) {
      last = size
      const box = boxIn(size, byCard.get(card.card_id)?.length ?? 0)
      return on(card, side).flatMap((image) => {
        const state = graphics !== null && box ? stateOf(image, box) : 'coming'
        if (typeof state === 'object' && 'drawn' in state) return ['', ...state.drawn.lines]
        const problem = typeof state === 'object' && state.problem ? ` ${state.problem}` : ''
        return ['', ...wrap(tidy(inWords(image) + problem), size.columns)]
      })
    },
    words: (card, side) => on(card, side).map((image) => tidy(inWords(image))),
    ahead(card) {
      const all = byCard.get(card.card_id) ?? []
      const box = last && boxIn(last, all.length)
      if (graphics !== null && box) for (const image of all) stateOf(image, box)
    },
    graphic: (key) => graphicsByKey.get(key),
    onCome(called) {
      come = called
    },
    close() {
      come = () => {}
      stopping.abort()
      painter.close()
    },
  }
}

/** Puts a thing where the newest are, and lets go of the oldest; gives those. */
function keep<T>(things: Map<string, T>, key: string, thing: T, most: number): T[] {
  things.delete(key)
  things.set(key, thing)
  const old = [...things.keys()].slice(0, Math.max(0, things.size - most))
  return old.flatMap((key) => {
    const gone = things.get(key)
    things.delete(key)
    return gone === undefined ? [] : [gone]
  })
}

/** Half of the room is for the one image of a card; several have two thirds together. Null: there is no room. */
function boxIn({ columns, rows }: Size, images: number): Size | null {
  const each = Math.floor(images < 2 ? rows / 2 : (rows * 2) / 3 / images)
  return columns < LEAST.columns || each < LEAST.rows ? null : { columns, rows: each }
}

function inWords({ alt }: CardImage): string {
  return alt ? `[image: ${alt.replace(/\s+/g, ' ')}]` : '[image]'
}
