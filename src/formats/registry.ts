import { csv } from './csv.ts'
import type { Format } from './format.ts'
import { json } from './json.ts'
import { jsonl } from './jsonl.ts'
import { tsv } from './tsv.ts'

export type FormatName = 'csv' | 'tsv' | 'json' | 'jsonl'

/** All formats, in the order in which help lists them. A new one is a file and a line here. */
export const formats = { csv, tsv, json, jsonl } satisfies Record<FormatName, Format>

/**
 * The format of an input, by the ending of its name or by how its content begins. Text that says nothing of itself is
 * csv, whose reader finds out what separates the columns.
 */
export function chooseFormat(name: string, head: Uint8Array): FormatName {
  const ending = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase()
  const named = (Object.keys(formats) as FormatName[]).find(
    (format) => ending !== undefined && (formats[format].extensions as readonly string[]).includes(ending),
  )
  if (named) return named
  const start = new TextDecoder().decode(head.subarray(0, 1024)).trimStart()[0]
  return start === '{' ? 'jsonl' : start === '[' ? 'json' : 'csv'
}
