/** Bytes of UTF-8 in a token: 3.3 to 4.6 in European languages, Chinese and Japanese alike, so the estimate is rather too high. */
const BYTES_PER_TOKEN = 3.3

/** About how many tokens a text has, whatever its language; rather too many than too few. */
export function estimateTokens(text: string): number {
  return Math.ceil(utf8Bytes(text) / BYTES_PER_TOKEN)
}

/** The most bytes of UTF-8 that are estimated as no more than so many tokens. */
export function bytesOf(tokens: number): number {
  return Math.floor(tokens * BYTES_PER_TOKEN)
}

/** The length of a text in UTF-8; half of a surrogate pair counts as the sign that stands for it (3). */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; ) {
    const width = widthAt(text, at)
    bytes += width
    at += width === 4 ? 2 : 1
  }
  return bytes
}

/** The longest beginning of a text that has no more than so many bytes of UTF-8, in UTF-16 units; it splits no surrogate pair. */
export function fitting(text: string, room: number): number {
  let bytes = 0
  for (let at = 0; at < text.length; ) {
    const width = widthAt(text, at)
    bytes += width
    if (bytes > room) return at
    at += width === 4 ? 2 : 1
  }
  return text.length
}

/** The bytes of the character that begins there. */
function widthAt(text: string, at: number): 1 | 2 | 3 | 4 {
  const code = text.charCodeAt(at)
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return (code & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 4 : 3
}
