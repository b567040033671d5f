import type { Cell } from './cell.ts'
import type { View } from './output.ts'

/** The fields of an answer that is no row of ours, a line for each, for a pipe. */
export const fieldView: View<[key: string, value: Cell]> = {
  columns: [
    { header: 'key', value: ([key]) => key },
    { header: 'value', value: ([, value]) => value },
  ],
  key: ([key]) => key,
  empty: '',
}
