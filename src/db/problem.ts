import { CliError, type ErrorKind } from '../errors.ts'

// What can go wrong between here and a database that is none of rote's doing.
const NETWORK: Record<string, string> = {
  ECONNREFUSED: 'nothing answers at that address',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'it did not answer in time',
  CONNECT_TIMEOUT: 'it did not answer in time',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  CONNECTION_CLOSED: 'the connection was cut',
  CONNECTION_ENDED: 'the connection was cut',
  CONNECTION_DESTROYED: 'the connection was cut',
}

// By class (two characters) or code of https://www.postgresql.org/docs/current/errcodes-appendix.html
const SERVER: [prefix: string, kind: ErrorKind, message: string, hint?: string][] = [
  ['08', 'unavailable', 'The connection to the database failed.', 'Check DATABASE_URL.'],
  [
    '42704',
    'unavailable',
    'The server does not know a parameter of DATABASE_URL.',
    'Check what stands behind the ? in it.',
  ],
  ['28', 'unavailable', 'The database refused the user name or password.', 'Check DATABASE_URL.'],
  ['3D000', 'unavailable', 'There is no such database on that server.', 'Make it with: createdb <name>'],
  ['42501', 'unavailable', 'The database user may not do that.', 'Use the user who owns the tables.'],
  [
    '53100',
    'unavailable',
    "The database's disk is full: nothing was changed.",
    'Make room, then run the same command again.',
  ],
  ['53', 'try_later', 'The database has no resources left for this.', 'Try again in a moment.'],
  ['57014', 'try_later', 'The database stopped the query: it took longer than it allows.'],
  ['57', 'try_later', 'The database is going down or starting up.', 'Try again in a moment.'],
  ['25P03', 'try_later', 'The database gave up waiting for this program.', 'Run the same command again.'],
  [
    '40',
    'try_later',
    'Somebody else changed the same thing at the same moment.',
    'Run the same command again.',
  ],
  ['22021', 'usage', 'A NUL character cannot be stored.'],
  ['25006', 'unavailable', 'The database is read-only.'],
]

/** Puts an error of the database or of the way to it into words; null for any other error. Never shows a password. */
export function databaseProblem(thrown: unknown): CliError | null {
  // Drizzle wraps whatever happens during a query, also what our own socket had to say
  for (let error = thrown; error instanceof Error; error = error.cause)
    if (error instanceof CliError) return error
  const code = networkCode(thrown)
  if (code) {
    return new CliError(
      'unavailable',
      `Cannot reach the database: ${NETWORK[code]}.`,
      'Is the server running? Check DATABASE_URL.',
      { cause: thrown },
    )
  }
  const state = sqlState(thrown)
  const known = SERVER.find(([prefix]) => state?.startsWith(prefix))
  return known ? new CliError(known[1], known[2], known[3], { cause: thrown }) : null
}

/**
 * What postgres.js throws, where nobody can catch it, when it writes to a connection that the server has closed just then.
 * https://github.com/porsager/postgres/issues/1208
 */
const WRITE_TO_NO_SOCKET = "Cannot read properties of null (reading 'write')"

function networkCode(thrown: unknown): string | undefined {
  if (thrown instanceof TypeError && thrown.message === WRITE_TO_NO_SOCKET) return 'CONNECTION_CLOSED'
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && error.code in NETWORK) return error.code
    // Node tries every address of a host and reports them together
    if (error instanceof AggregateError) return networkCode(error.errors[0])
  }
  return undefined
}

/** The code of an error about something that is there already. */
export const UNIQUE_VIOLATION = '23505'

/** PostgreSQL's five-character code of an error, also through Drizzle's wrapper; undefined for other errors. */
export function sqlState(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^[0-9A-Z]{5}$/.test(e.code)) return e.code
  }
  return undefined
}
