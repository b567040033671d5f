/** RGBA, line by line. */
export interface Pixels {
  width: number
  height: number
  data: Uint8ClampedArray
}

/**
 * A picture that fits a box, in its proportions, never larger than it is: each pixel is the mean of those that it covers, or of 64
 * of them. What is
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
  for (let row = 0; row < to.height; row++) {
    const [top, bottom] = [span(row, height, to.height), span(row + 1, height, to.height)]
    const down = Math.max(1, Math.floor((bottom - top) / MOST))
    for (let column = 0; column < to.width; column++) {
      const [left, right] = [span(column, width, to.width), span(column + 1, width, to.width)]
      const across = Math.max(1, Math.floor((right - left) / MOST))
      let [red, green, blue, pixels] = [0, 0, 0, 0]
      for (let y = top; y < bottom; y += down) {
        for (let x = left; x < right; x += across) {
          const at = (y * width + x) * 4
          const alpha = data[at + 3] ?? 0
          const paper = 255 * (255 - alpha)
          red += (data[at] ?? 0) * alpha + paper
          green += (data[at + 1] ?? 0) * alpha + paper
          blue += (data[at + 2] ?? 0) * alpha + paper
          pixels++
        }
      }
      const mean = (sum: number) => Math.round(sum / 255 / pixels)
      made.set([mean(red), mean(green), mean(blue), 255], (row * to.width + column) * 4)
    }
  }
  return { ...to, data: made }
}

/** Of each direction, as many pixels are looked at for one: more would change nothing that can be seen. */
const MOST = 8

/** Where the pixels begin that one of the smaller picture covers. */
const span = (at: number, from: number, to: number) => Math.floor((at * from) / to)
