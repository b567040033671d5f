/*
 * Card text can come from strangers (a shared deck, an import, a model), so one of these two comes before anything is
 * printed.
 */

const HARMLESS = /^[\n -~]*$/
const HARMLESS_LINE = /^[ -~]*$/
/**
 * Embeddings, overrides and isolates: one left open turns round the rest of the line, our own words included.
 */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g
const TAB = '    '

/**
 * The text without anything that a terminal would obey. Control characters become visible (ESC is shown as ␛,
 * a carriage return as ␍, those above 0x7f and lone surrogates as �), every kind of line end becomes a
 * newline, a tab four spaces. Controls of writing direction are left out, as in https://trojansource.codes;
 * the letters keep their own direction. Joiners and marks stay: Arabic, Indic scripts and emoji are spelt
 * with them.
 */
export function safe(text: string): string {
  if (HARMLESS.test(text)) return text
  return text
    .replace(/\r\n|[\u2028\u2029\u0085]/g, '\n')
    .replaceAll('\t', TAB)
    .replace(BIDI_CONTROLS, '')
    .replace(/(?!\n)\p{Cc}|\p{Surrogate}/gu, controlPicture)
}

/** `safe` text for a table cell: its lines in one, with ⏎ where they ended, and no space around. */
export function oneLine(text: string): string {
  if (HARMLESS_LINE.test(text)) return text.trim()
  return safe(text)
    .trim()
    .replace(/\s*\n\s*/g, ' ⏎ ')
}

/**
 * A visible stand-in: Unicode has pictures of the first 32 controls and DEL.
 * https://www.unicode.org/charts/PDF/U2400.pdf
 */
function controlPicture(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}
