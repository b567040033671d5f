import { type SQL, sql } from 'drizzle-orm'

/**
 * A value as a jsonb literal inside the statement instead of a parameter beside it. postgres.js asks the server to
 * describe a statement with parameters before it sends them, a round trip more; one without goes out whole. Hex digits
 * leave nothing to escape, whatever the value holds.
 */
export function inlineJson(value: unknown): SQL {
  const hex = Buffer.from(JSON.stringify(value)).toString('hex')
  return sql.raw(`convert_from('\\x${hex}'::bytea, 'UTF8')::jsonb`)
}
