/** What is counted, and how a sentence of it is said. */
const SENTENCES = {
  question: (n: number) => `${cards(n)} no question and ${was(n)} left out`,
  answer: (n: number) => `${cards(n)} nothing on the back, and now "(no answer)"`,
  occlusion: (n: number) =>
    `${n === 1 ? '1 card that hides an area' : `${count(n)} cards that hide areas`} of a picture ${was(n)} left out: a terminal cannot show that`,
  template: (n: number) => `${cards(n)} no note type or template in the file and ${was(n)} left out`,
  image: (n: number) =>
    n === 1
      ? '1 picture is named on a card and not in the file'
      : `${count(n)} pictures are named on cards and not in the file`,
  media: (n: number) =>
    n === 1
      ? '1 file is in the list of media and not in the package'
      : `${count(n)} files are in the list of media and not in the package`,
  path: (n: number) =>
    n === 1
      ? '1 media file has a name that leads elsewhere and was left out'
      : `${count(n)} media files have names that lead elsewhere and were left out`,
} as const
type Kind = keyof typeof SENTENCES

/** Named one by one. */
const SHOWN = 5
/** Sentences about single templates; a file with more has something else wrong with it. */
const MOST_SENTENCES = 50

const count = (n: number) => n.toLocaleString('en')
const cards = (n: number) => (n === 1 ? '1 card has' : `${count(n)} cards have`)
const was = (n: number) => (n === 1 ? 'was' : 'were')

/** What is odd or left out, gathered to a sentence of each kind. */
export class Notices {
  readonly #counted = new Map<Kind, { count: number; first: string[] }>()
  readonly #sentences = new Set<string>()

  add(kind: Kind, example: string): void {
    const found = this.#counted.get(kind) ?? { count: 0, first: [] }
    this.#counted.set(kind, found)
    found.count++
    if (found.first.length < SHOWN) found.first.push(example)
  }

  /** A sentence, said once however often it comes. */
  once(sentence: string): void {
    if (this.#sentences.size < MOST_SENTENCES) this.#sentences.add(sentence)
  }

  /** All so far, each a sentence. */
  get sentences(): string[] {
    const counted = Array.from(this.#counted, ([kind, { count: n, first }]) => {
      const more = n > first.length ? ` and ${count(n - first.length)} more` : ''
      return `${SENTENCES[kind](n)}: ${first.join(', ')}${more}.`
    })
    return [...counted, ...this.#sentences]
  }
}
