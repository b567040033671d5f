/** `1 card`, `2 cards`: for nouns that take an s, with thousands separated. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
