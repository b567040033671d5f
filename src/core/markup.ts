/*
 * What counts as Markdown on a card. Cards are full of signs that Markdown would take for its own (`2*3*4`, `__init__`,
 * `# of cards`, `f(*args, **kwargs)`, `1. FC Köln`, `t_e _ap`), and a sign that vanishes may have been the question. So a
 * text is plain unless something in it can hardly be anything else; what merely resembles Markdown stays as it was typed.
 */

/*
 * Ranges instead of \p{…}: compiling the tables behind that takes longer than reading a card from the database. Letters of
 * other scripts than Latin, Greek and Cyrillic may touch a mark: Japanese sets no word off with spaces.
 */
const WORD = String.raw`[\w\u00c0-\u024f\u0300-\u052f\u1e00-\u1fff]`
const LETTER = String.raw`A-Za-z\u00c0-\u1fff\u2c00-\u2fff\u3040-\ufeff\uff10-\uffff`
const CAPITAL = 'A-ZÀ-ÖØ-ÞΑ-ΩА-Я'
const SMALL = 'a-zß-öø-ÿα-ωа-я'

/** Around emphasis: it begins after no letter and after none of the signs of formulas, paths and patterns. */
const BEFORE = String.raw`(?<!${WORD}|[*/\\^$.&@#%)\]}])`
const AFTER = String.raw`(?!${WORD}|[*/\\^$])`
/** At the ends of what is emphasised: no space, and no sign that belongs to what stands outside. */
const FIRST = String.raw`(?![\s*,;:!?)\]}」』）】》〉/\\]|[^\d${LETTER}]\s)`
const LAST = String.raw`(?<![\s(\[{「『（【《〈=/\\]|\s[^\d${LETTER}])`

const spans = {
  /** Mathematics, HTML and addresses: nothing in them is a mark. */
  opaque: String.raw`\$\$?(?![\s$])[^$\n]+(?<!\s)\$\$?(?!\d)|</?[a-zA-Z][^<>\n]*>|https?://\S+`,
  code: `(?<!${WORD}|[\`\\\\])\`(?![\\s\`])[^\`\\n]+(?<!\\s)\`(?!\`|${WORD})`,
  /** Code with backticks in it. */
  padded: `(?<![\`\\\\])\`\`(?= )(?:[^\`\\n]|\`(?!\`))+(?<= )\`\`(?!\`)`,
  link: String.raw`(?<!!)\[[^\[\]\n]+\]\((?:https?://|mailto:)[^\s()]+(?:\([^\s()]*\)[^\s()]*)*\)`,
  both: String.raw`${BEFORE}\*{3}${FIRST}(?=[^*\n]*[\d${LETTER}])[^*\n]+${LAST}\*{3}${AFTER}`,
  strong: String.raw`${BEFORE}\*\*${FIRST}(?=[^*\n]*[\d${LETTER}])(?:[^*\n]|\*(?!\*)[^*\n]+\*(?!\*))+${LAST}\*\*${AFTER}`,
  /** A part of a word, of letters alone: `2**n + 3**n` has none. */
  part: String.raw`(?<!\*)\*\*[${LETTER}]{2,}\*\*(?!\*)`,
  em: String.raw`${BEFORE}\*(?!\.)${FIRST}(?=[^*\n]*[${LETTER}])(?:[^*\n]|\*\*[^*\n]+\*\*)+${LAST}\*${AFTER}`,
  /** Underscores are gaps and names far more often than emphasis: only where a capital begins it, as in titles. */
  title: String.raw`${BEFORE}_(?=[${CAPITAL}][${SMALL}])[^_\n]+${LAST}_${AFTER}`,
} as const

/** The kinds of mark within a line. */
export type Span = keyof typeof spans

const SPAN = new RegExp(
  `(?=[$<h\`[*_])(?:${Object.entries(spans)
    .map(([name, source]) => `(?<${name}>${source})`)
    .join('|')})`,
  'g',
)

/** The marks of a text from left to right, none within another. */
export function* findSpans(text: string): Generator<{ span: Span; raw: string; index: number }, void> {
  for (const { 0: raw, index, groups = {} } of text.matchAll(SPAN)) {
    const span = (Object.keys(spans) as Span[]).find((name) => groups[name] !== undefined)
    if (span) yield { span, raw, index }
  }
}

const LINE_END = '(?![^\n])'
/** What belongs to a list item: indented lines, also after empty ones. */
const INDENTED = String.raw`(?:\n(?: .*|(?=\n)))*`

/** Marks of whole lines: `anywhere` finds one in a text, `whole` is all of one that the text begins with. */
const block = (source: string, more = '') => ({
  anywhere: new RegExp(source, 'm'),
  whole: new RegExp(source + more),
})
const fence = (sign: string) =>
  block(String.raw`^ {0,3}(${sign}{3,})[^${sign}\n]*\n(?:.*\n)*? {0,3}\1${sign}* *${LINE_END}`)
const list = (bullet: string) =>
  block(
    String.raw`^${bullet} +\S.*${INDENTED}\n${bullet} +\S`,
    String.raw`.*${INDENTED}(?:\n${bullet} +\S.*${INDENTED})*`,
  )

export const BLOCKS = {
  /** Closed again. */
  fences: [fence('`'), fence('~')],
  /** A single # is a number or a comment as well, so there it needs an empty line below it and no small letter. */
  headings: [block(String.raw`^(?:#{2,6} +\S.*|# +(?![${SMALL}])\S.*(?=\n *\n))`)],
  /** Two lines at least. */
  quotes: [block(String.raw`^> +\S.*\n>(?: |${LINE_END})`, String.raw`.*(?:\n>(?: .*|${LINE_END}))*`)],
  /** Two items at least, without indentation; no line that merely follows. */
  lists: ['-', String.raw`\*`, String.raw`\d{1,3}\.`, String.raw`\d{1,3}\)`].map(list),
  /** A row with a |, below it the line that makes it the head, and what rows follow. */
  tables: [
    block(
      String.raw`^(?=.*\|).*\n {0,3}(?=.*\|)\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *${LINE_END}`,
      String.raw`(?:\n(?=.*\|).*)*`,
    ),
  ],
}
