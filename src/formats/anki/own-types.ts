import { OWN_FIELDS } from './own.ts'

/** The ids of our note types; fixed, so that a second package adds to the notes of the first. */
export const OWN_TYPES = { basic: 1751328000001, reversed: 1751328000002 } as const

/** When our note types were last changed, in seconds: Anki keeps the newer one of an id. */
const CHANGED = 1751328000

const side = (field: string) => `<div class="side" dir="auto">{{${field}}}</div>`
const ACCEPTED = `{{#Also accepted}}<div class="accepted" dir="auto">{{Also accepted}}</div>{{/Also accepted}}`
const CSS = `.card { font-family: sans-serif; font-size: 20px; text-align: center; color: black; background-color: white; }
.side, .accepted { white-space: pre-wrap; overflow-wrap: break-word; }
.accepted { margin-top: 1em; font-size: 80%; opacity: 0.7; }
`

function template(ord: number, front: string, back: string, below: string): object {
  const afmt = `{{FrontSide}}\n\n<hr id=answer>\n\n${side(back)}${below}`
  return { name: `Card ${ord + 1}`, ord, qfmt: side(front), afmt, bqfmt: '', bafmt: '', did: null }
}

function noteType(id: number, name: string, templates: object[]): object {
  return {
    id,
    name,
    type: 0,
    mod: CHANGED,
    usn: -1,
    sortf: 0,
    did: null,
    tmpls: templates,
    flds: OWN_FIELDS.map((name, ord) => ({
      name,
      ord,
      sticky: false,
      rtl: false,
      font: 'Arial',
      size: 20,
      media: [],
    })),
    css: CSS,
    latexPre:
      '\\documentclass[12pt]{article}\n\\usepackage{amssymb,amsmath}\n\\pagestyle{empty}\n\\setlength{\\parindent}{0in}\n\\begin{document}\n',
    latexPost: '\\end{document}',
    latexsvg: false,
    req: templates.map((_, ord) => [ord, 'any', [ord]]),
    tags: [],
    vers: [],
  }
}

/** `col.models` of schema 11: a card for a question, and one with a second card that asks backwards. */
export const MODELS = JSON.stringify({
  [OWN_TYPES.basic]: noteType(OWN_TYPES.basic, 'rote', [template(0, 'Front', 'Back', ACCEPTED)]),
  [OWN_TYPES.reversed]: noteType(OWN_TYPES.reversed, 'rote (and reversed)', [
    template(0, 'Front', 'Back', ACCEPTED),
    template(1, 'Back', 'Front', ''),
  ]),
})

/** `col.dconf` of schema 11: Anki's own settings for decks, once. */
export const DECK_OPTIONS = JSON.stringify({
  1: {
    id: 1,
    mod: 0,
    name: 'Default',
    usn: 0,
    maxTaken: 60,
    autoplay: true,
    timer: 0,
    replayq: true,
    new: {
      bury: false,
      delays: [1, 10],
      initialFactor: 2500,
      ints: [1, 4, 0],
      order: 1,
      perDay: 20,
    },
    rev: { bury: false, ease4: 1.3, ivlFct: 1, maxIvl: 36500, perDay: 200, hardFactor: 1.2 },
    lapse: { delays: [10], leechAction: 1, leechFails: 8, minInt: 1, mult: 0 },
    dyn: false,
  },
})

/** A deck as `col.decks` of schema 11 has it; `changed` in seconds. */
export function deckJson(id: number, name: string, changed: number): object {
  return {
    id,
    name,
    mod: changed,
    usn: -1,
    lrnToday: [0, 0],
    revToday: [0, 0],
    newToday: [0, 0],
    timeToday: [0, 0],
    collapsed: false,
    browserCollapsed: false,
    desc: '',
    dyn: 0,
    conf: 1,
    extendNew: 0,
    extendRev: 0,
  }
}
