/** RGBA, line by line. */
export interface Pixels {
  width: number
  height: number
  data: Uint8ClampedArray
}

/**
 * A picture that fits a box, in its proportions, never larger than it is: each pixel is the mean of those that it covers. What is
 * transparent is white: it was drawn for paper, as formulas are, which are black on nothing.
 */
export function scaled(
  { width, height, data }: Pixels,
  box: { width: number; height: number },
): { width: number; height: number; data: Uint8Array<ArrayBuffer> } {
  const scale = Math.min(1, box.width / width, box.height / height)
  const to = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
  const made = new Uint8Array(to.width * to.height * 4)
  const sums = new Float64Array(to.width * 3)
  const columnOf = Int32Array.from({ length: width }, (_, x) => Math.floor((x * to.width) / width))
  const counts = new Int32Array(to.width)
  for (const column of columnOf) add(counts, column, 1)
  for (let row = 0; row < to.height; row++) {
    const first = Math.ceil((row * height) / to.height)
    const last = Math.ceil(((row + 1) * height) / to.height)
    sums.fill(0)
    for (let y = first; y < last; y++) {
      for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
        const column = (columnOf[x] ?? 0) * 3
        const [alpha, paper] = [(data[at + 3] ?? 0) / 255, 255 - (data[at + 3] ?? 0)]
        add(sums, column, (data[at] ?? 0) * alpha + paper)
        add(sums, column + 1, (data[at + 1] ?? 0) * alpha + paper)
        add(sums, column + 2, (data[at + 2] ?? 0) * alpha + paper)
      }
    }
    for (let x = 0; x < to.width; x++) {
      const pixels = (counts[x] ?? 0) * (last - first)
      const at = (row * to.width + x) * 4
      for (let channel = 0; channel < 3; channel++)
        made[at + channel] = Math.round((sums[x * 3 + channel] ?? 0) / pixels)
      made[at + 3] = 255
    }
  }
  return { ...to, data: made }
}

function add(numbers: Int32Array | Float64Array, at: number, more: number): void {
  numbers[at] = (numbers[at] ?? 0) + more
}
