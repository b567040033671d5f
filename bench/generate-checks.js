// What the checks of generated cards cost: like cards in a large deck, and a section's cards against their source.
import { alone, figure, median } from './support/report.js'
import { sources } from './support/sources.js'

const RUNS = 5
const WORDS = 8000
const SYLLABLES = ['ka', 'ren', 'to', 'mil', 'sa', 'vor', 'et', 'lin', 'gu', 'pra', 'os', 'den']
const TEMPLATES = [
  ['What is the capital of', '?'],
  ['Which', 'comes from'],
  ['When did', 'begin?'],
  ['What does', 'mean?'],
  ['Who wrote', 'and its second part?'],
  ['Why does the', 'need'],
]

/** @type {import('./support/report.js').Benchmark} */
export async function generateChecks() {
  /** @type {{ near: typeof import('../src/core/generate/near.ts'), check: typeof import('../src/core/generate/check.ts').check, sectionsOf: typeof import('../src/core/generate/sections.ts').sectionsOf, random: typeof import('../test/core/random.ts').random }} */
  const { near, check, sectionsOf, random } = await sources(`
    export * as near from './src/core/generate/near.ts'
    export { check } from './src/core/generate/check.ts'
    export { sectionsOf } from './src/core/generate/sections.ts'
    export { random } from './test/core/random.ts'`)
  const next = random(1)
  const words = [...new Set(Array.from({ length: WORDS }, () => wordOf(next)))]
  const text = (/** @type {number} */ length) =>
    Array.from({ length }, () => words[Math.floor(next() ** 2 * words.length)]).join(' ')
  const cards = (/** @type {number} */ count) =>
    Array.from({ length: count }, () => {
      const [before, after] = TEMPLATES[Math.floor(next() * TEMPLATES.length)] ?? ['', '']
      return {
        question: `${before} ${text(3)} ${after} ${text(1)}`,
        answer: text(1 + Math.floor(next() * 6)),
      }
    })

  const compared = [
    [200, 10_000],
    [1000, 50_000],
  ].flatMap(([few = 0, many = 0]) => {
    const deck = cards(many)
    // one of ten is there already in other words
    const made = cards(few).map((card, at) => (at % 10 === 0 ? { ...card, ...deck[at * 7] } : card))
    const before = process.memoryUsage().rss
    const begun = performance.now()
    const found = near.duplicates(made, deck)
    const took = performance.now() - begun
    const what = `${few.toLocaleString('en')} cards against ${many.toLocaleString('en')}`
    return [
      figure(`${what}, ${found.filter(Boolean).length} found`, took, 'ms', many / 5),
      figure(`${what}, memory`, (process.memoryUsage().rss - before) / 2 ** 20, 'MB'),
    ]
  })

  const pages = Array.from({ length: 100 }, (_, at) => ({
    page: at + 1,
    text: Array.from({ length: 25 }, () => `${text(14)}.`).join('\n'),
  }))
  const source = { title: null, pages, page_count: pages.length, notes: [] }
  const cut = measure(() => sectionsOf(source))
  const sections = sectionsOf(source)
  const checked = measure(() => {
    for (const section of sections) {
      const [, ...lines] = section.text.split('\n')
      const proposals = lines
        .slice(0, 10)
        .map((quote) => ({ quote, page: 0, question: `What is ${quote}?`, answer: quote.slice(0, 30) }))
      check(proposals, section, {})
    }
  })
  return [
    ...compared,
    figure(`100 pages in sections, median of ${RUNS}`, cut, 'ms'),
    figure(`a section with 10 cards, checked, median of ${RUNS}`, checked / sections.length, 'ms'),
  ]
}

/** @param {() => unknown} run */
function measure(run) {
  const times = Array.from({ length: RUNS }, () => {
    const begun = performance.now()
    run()
    return performance.now() - begun
  })
  return median(times)
}

/** @param {() => number} next */
function wordOf(next) {
  const length = 2 + Math.floor(next() * 4)
  return Array.from({ length }, () => SYLLABLES[Math.floor(next() * SYLLABLES.length)]).join('')
}

await alone(import.meta.url, generateChecks)
