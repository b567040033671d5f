import { readFileSync } from 'node:fs'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import * as schema from '../src/db/schema.ts'

const tables = Object.values(schema)
  .filter((value) => value instanceof PgTable)
  .map((table) => getTableConfig(table))

test('docs/data-model.md has every table and column of the schema, and no other', () => {
  const page = readFileSync(new URL('../docs/data-model.md', import.meta.url), 'utf8')
  const documented = Object.fromEntries(
    page
      .split(/^### /m)
      .slice(1)
      .map((section) => [
        section.slice(0, section.indexOf('\n')),
        [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
      ]),
  )
  expect(documented).toEqual(
    Object.fromEntries(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])),
  )
})
