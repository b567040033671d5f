import { sql } from './database.ts'

/** Everything that is in the database, as one text that two moments can be compared by. */
export async function dump(): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'rote_migrations' order by 1`
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, (select json_agg(t order by t::text) from "${name}" t)::text as rows`,
  )
  const rows = await sql.unsafe<{ name: string; rows: string | null }[]>(parts.join(' union all '))
  return rows.map(({ name, rows }) => `${name} ${rows}`).join('\n')
}
