import { sql } from './database.ts'

/** Everything that is in the database, as one text that two moments can be compared by. */
export async function dump(): Promise<string> {
  const rows = await tables()
  return rows.map(({ name, rows }) => `${name} ${rows}`).join('\n')
}

/** Keeps what is in the database, and gives what puts it back, to the microsecond, whatever is there by then. */
export async function snapshot(): Promise<() => Promise<void>> {
  const kept = await tables()
  const script = [
    'begin',
    // nothing refers to nothing and no trigger runs while it is half there; only a superuser may
    `set local session_replication_role = 'replica'`,
    ...kept.map(({ name }) => `delete from "${name}"`),
    ...kept.flatMap(({ name, rows }) =>
      rows === null
        ? []
        : [
            `insert into "${name}" select * from json_populate_recordset(null::"${name}", $rows$${rows}$rows$)`,
          ],
    ),
    'commit',
  ].join(';\n')
  return async () => void (await sql.unsafe(script).simple())
}

async function tables(): Promise<{ name: string; rows: string | null }[]> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'rote_migrations' order by 1`
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, (select json_agg(t order by t::text) from "${name}" t)::text as rows`,
  )
  return sql.unsafe<{ name: string; rows: string | null }[]>(parts.join(' union all '))
}
