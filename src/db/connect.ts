import type { Socket } from 'node:net'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { CliError } from '../errors.ts'

/** Drizzle over postgres.js; a transaction is one too. */
export type Database = Pick<
  PostgresJsDatabase<Record<string, never>>,
  | 'select'
  | 'selectDistinct'
  | 'insert'
  | 'update'
  | 'delete'
  | 'execute'
  | 'transaction'
  | 'with'
  | '$with'
  | '$count'
>

export interface Connection {
  db: Database
  close(): Promise<void>
}

const COMMON = {
  max: 1,
  // nothing may live in the session: the embedded server and PgBouncer both share it among clients
  prepare: false,
  fetch_types: false,
  onnotice: () => {},
} satisfies postgres.Options<Record<string, postgres.PostgresType>>

/** Connects to the PostgreSQL server that `url` names, at the first query. Throws a usage error for a bad URL. */
export function overUrl(url: string): Connection {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CliError(
      'usage',
      'DATABASE_URL is not a PostgreSQL address.',
      'It looks like postgresql://user:password@host:5432/database',
    )
  }
  return connection(
    postgres(url, {
      ...COMMON,
      connect_timeout: 10,
      connection: { application_name: 'rote', client_min_messages: 'warning' },
    }),
  )
}

/** Connects through sockets that `open` makes: one now, and another if it should be lost. */
export function overSocket(open: () => Promise<Socket>): Connection {
  // postgres.js has the option, its types do not
  const options = { ...COMMON, socket: open, user: 'postgres', database: 'postgres', ssl: false }
  return connection(postgres(options as postgres.Options<Record<string, postgres.PostgresType>>))
}

function connection(client: postgres.Sql): Connection {
  return { db: drizzle(client), close: () => client.end({ timeout: 2 }) }
}
