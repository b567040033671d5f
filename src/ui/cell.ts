/** What a column can hold. */
export type Cell = string | number | boolean | Date | null | readonly string[]

/** A cell as text. */
export function plain(cell: Cell): string {
  if (cell === null) return ''
  if (cell instanceof Date) return cell.toISOString()
  return Array.isArray(cell) ? cell.join(' ') : String(cell)
}
