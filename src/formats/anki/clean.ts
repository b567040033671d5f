/* What must not come out of a stranger's file: escape sequences and whatever else controls a terminal, and halves of characters. */
const CONTROLS = /[^\P{Cc}\t\n]/gu

/** Text without control characters other than tab and newline, and without lone surrogates. */
export function cleaned(text: string): string {
  const visible = text.search(CONTROLS) < 0 ? text : text.replace(/\r\n?/g, '\n').replace(CONTROLS, '')
  return visible.toWellFormed()
}

/** A name on one line, for a sentence. */
export function printable(name: string): string {
  const line = cleaned(name).replace(/\s+/g, ' ').trim()
  return line.length > 100 ? `${line.slice(0, 100).toWellFormed()}…` : line
}
