/** Bytes of a key. By chance two of a million differ in all but these once in 10^26. */
const BYTES = 16
const WORDS = BYTES / 4

/**
 * A set of keys of 16 bytes, each with a number: what a million records of a file leave behind in memory, 28 MB of it, where a Map
 * of strings takes more than 200. Open addressing, half full at the most; the keys must be evenly spread, as those of a hash are.
 */
export class Fingerprints {
  size = 0
  #slots = new Int32Array(2048).fill(-1)
  #words = new Uint32Array(1024 * WORDS)
  #numbers = new Uint32Array(1024)

  /** The number that goes with a key; undefined when it is not among them. */
  get(key: Uint8Array): number | undefined {
    const entry = this.#slots[this.#slotOf(wordsOf(key))] ?? -1
    return entry < 0 ? undefined : this.#numbers[entry]
  }

  set(key: Uint8Array, number: number): void {
    const words = wordsOf(key)
    const slot = this.#slotOf(words)
    const entry = this.#slots[slot] ?? -1
    if (entry >= 0) {
      this.#numbers[entry] = number
      return
    }
    this.#slots[slot] = this.size
    this.#words.set(words, this.size * WORDS)
    this.#numbers[this.size] = number
    this.size++
    if (this.size === this.#numbers.length) this.#grow()
  }

  /** Where a key is, or would be. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#slots.length - 1
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] ?? -1
      if (entry < 0 || this.#isAt(entry * WORDS, words)) return slot
    }
  }

  #isAt(at: number, words: Uint32Array): boolean {
    const all = this.#words
    return (
      all[at] === words[0] && all[at + 1] === words[1] && all[at + 2] === words[2] && all[at + 3] === words[3]
    )
  }

  #grow(): void {
    const [words, numbers] = [this.#words, this.#numbers]
    this.#words = new Uint32Array(words.length * 2)
    this.#words.set(words)
    this.#numbers = new Uint32Array(numbers.length * 2)
    this.#numbers.set(numbers)
    this.#slots = new Int32Array(numbers.length * 4).fill(-1)
    for (let entry = 0; entry < this.size; entry++) {
      this.#slots[this.#slotOf(words.subarray(entry * WORDS, (entry + 1) * WORDS))] = entry
    }
  }
}

function wordsOf(key: Uint8Array): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, BYTES)
  return Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12))
}
