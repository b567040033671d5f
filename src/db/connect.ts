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
  try {
    const { address, place } = parseUrl(url)
    return connection(
      postgres(address, {
        ...COMMON,
        ...place,
        connect_timeout: 10,
        // parameters that PgBouncer knows too; the first two could be set to something else on a server
        connection: {
          DateStyle: 'ISO',
          standard_conforming_strings: 'on',
          application_name: 'rote',
        } as object,
      }),
    )
  } catch {
    throw badAddress()
  }
}

/** Which database `url` names, whoever connects to it: host, port and database, in one text. */
export function databaseOf(url: string): string {
  try {
    const { address, place } = parseUrl(url)
    const { hostname, port, pathname, username } = new URL(address)
    const database = pathname.slice(1) || (place.user ?? username)
    return `${place.host ?? (hostname || 'localhost')}:${place.port ?? (port || 5432)}/${decodeURIComponent(database)}`
  } catch {
    throw badAddress()
  }
}

function badAddress(): CliError {
  return new CliError(
    'usage',
    'DATABASE_URL is not a PostgreSQL address.',
    'It looks like postgresql://user:password@host:5432/database',
  )
}

/** What libpq takes behind the question mark, such as `?host=/run/postgresql`, is the place and not a parameter. */
function parseUrl(url: string): {
  address: string
  place: { host?: string; port?: number; user?: string; password?: string }
} {
  const address = new URL(url)
  if (!/^postgres(ql)?:$/.test(address.protocol)) throw new Error('another protocol')
  decodeURIComponent(address.href)
  const place: Record<string, string | number> = {}
  for (const name of ['host', 'port', 'user', 'password']) {
    const value = address.searchParams.get(name)
    if (value !== null) place[name] = name === 'port' ? Number(value) : value
    address.searchParams.delete(name)
  }
  return { address: address.href, place }
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
