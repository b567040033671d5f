import { csv } from './csv.ts'
import { FORMAT_NAMES, type Format, type FormatName } from './format.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { tsv } from './tsv.ts'

/** All formats. A new one is a file, a name in format.ts and a line here. */
export const formats = { csv, tsv, json, jsonl } satisfies Record<FormatName, Format>

/**
 * The format of an input, by the ending of its name or by how its content begins. Text that says nothing of itself is
 * csv, whose reader finds out what separates the columns.
 */
export function chooseFormat(name: string, head: Uint8Array): FormatName {
  const ending = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  const named = FORMAT_NAMES.find(
    (format) => ending !== undefined && (formats[format].extensions as readonly string[]).includes(ending),
  )
  if (named) return named
  const start = new TextDecoder().decode(head.subarray(0, 1024)).trimStart()[0]
  return start === '{' ? 'jsonl' : start === '[' ? 'json' : 'csv'
}
