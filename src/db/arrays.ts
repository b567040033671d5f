import { type SQL, sql } from 'drizzle-orm'

/**
 * Texts as an array, in a single parameter: a statement has 65,534 of those at the most, and what is planned for an array is
 * planned for its length. An array in an array is one of its texts, and read there with a cast: PostgreSQL has none that are ragged.
 */
export function texts(values: readonly (string | null)[]): SQL {
  return sql`${arrayLiteral(values)}::text[]`
}

/** As PostgreSQL writes an array of texts: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export function arrayLiteral(values: readonly (string | null)[]): string {
  const item = (value: string | null) => (value === null ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`)
  return `{${values.map(item).join(',')}}`
}
