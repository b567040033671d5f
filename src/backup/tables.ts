import { is } from 'drizzle-orm'
import { getTableConfig, type PgColumn, PgTable } from 'drizzle-orm/pg-core'
import * as schema from '../db/schema.ts'

/** A column, as much as a backup has to know of it. */
interface BackupColumn {
  name: string
  /** As SQL writes it: `timestamp with time zone`, `text[]`. */
  type: string
  /** How a value stands in JSON: a list, the text of a JSON document, or a string, number or boolean. */
  shape: 'list' | 'document' | 'scalar'
  /** Filled from a sequence. */
  identity: boolean
}

/** A foreign key of a table. */
interface Reference {
  columns: string[]
  table: string
  /** The columns there. */
  to: string[]
  /** A row cannot be without it. */
  required: boolean
}

/** A table, as much as a backup has to know of it. */
export interface BackupTable {
  name: string
  columns: BackupColumn[]
  references: Reference[]
}

/** The tables that no backup has, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  rote_migrations: 'a database that is restored into has its own',
  logins: 'a login is for one database, and its token is on the machine of the person',
  login_tries: 'how often somebody has tried a password just now is of no use later',
}

/** Columns that are written as null whatever they hold, and why: what they say is true only of the database they are in. */
const CLEARED: Readonly<Record<string, readonly string[]>> = {
  // no worker of the old database comes back to the new one
  ai_job_sections: ['lease_token', 'lease_until', 'worker'],
}

/** Columns that are another value in the backup of one person, as SQL. */
const ALONE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // those whom they are shared with are not in it
  decks: { is_shared: 'false' },
}

/** Columns that say whose a row is although it can be without them. */
const WHOSE: Readonly<Record<string, readonly string[]>> = { changes: ['user_id'] }

/** Columns that keep a row out of the backup of one person when they refer to what is somebody else's, and why. */
const ONLY_OWN: Readonly<Record<string, readonly string[]>> = {
  // the row holds what somebody else's card said
  changed_rows: ['deck_id', 'card_id', 'playlist_id'],
}

/** Every table of the schema, each behind those that it has to refer to. Throws when these are a circle. */
export function backupTables(): BackupTable[] {
  const all = Object.values<unknown>(schema)
    .filter((value): value is PgTable => is(value, PgTable))
    .map(describe)
    .filter(({ name }) => !(name in LEFT_OUT))
  const sorted: BackupTable[] = []
  while (sorted.length < all.length) {
    const there = new Set(sorted.map(({ name }) => name))
    const next = all.find(
      ({ name, references }) =>
        !there.has(name) && references.every(({ table, required }) => !required || there.has(table)),
    )
    if (!next) throw new Error('no order of the tables: they refer to each other in a circle')
    sorted.push(next)
  }
  return sorted
}

function describe(table: PgTable): BackupTable {
  const { name, columns, foreignKeys } = getTableConfig(table)
  const references = foreignKeys.map((key) => {
    const { columns, foreignTable, foreignColumns } = key.reference()
    return {
      columns: columns.map(({ name }) => name),
      table: getTableConfig(foreignTable).name,
      to: foreignColumns.map(({ name }) => name),
      required: columns.every(({ notNull }) => notNull),
    }
  })
  return { name, columns: columns.map(describeColumn), references }
}

function describeColumn(column: PgColumn): BackupColumn {
  const type = column.getSQLType()
  const shape = type.endsWith('[]') ? 'list' : /^jsonb?$/.test(type) ? 'document' : 'scalar'
  return { name: column.name, type, shape, identity: column.generatedIdentity !== undefined }
}

/** An identifier or a string as SQL writes it. */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

/**
 * The query for a table's rows, each a JSON array of its columns in their order, in a column `line`. With `user_id` only
 * those of that person: see `belongs`.
 */
export function selectLines(table: BackupTable, user_id: string | null): string {
  const cleared = CLEARED[table.name] ?? []
  const alone = (user_id !== null && ALONE[table.name]) || {}
  const values = table.columns.map(({ name, shape }) => {
    if (cleared.includes(name)) return 'null'
    const set = alone[name]
    if (set !== undefined) return set
    const column = `t.${quoted(name)}`
    const value = shape === 'document' ? `${column}::text` : column
    const loose = table.references.filter((key) => !key.required && key.columns.includes(name))
    if (user_id === null || loose.length === 0) return value
    return `case when ${loose.map((key) => refers(key, 't', user_id, 1)).join(' and ')} then ${value} end`
  })
  const where = user_id === null ? '' : ` where ${belongs(table, 't', user_id, 1)}`
  return `select json_build_array(${values.join(', ')})::text as line from ${quoted(table.name)} as t${where}`
}

/**
 * Whether a row is of the person, as a condition. A person's is the row of theirs in users, and then what refers to
 * nothing but what is theirs, wherever it has to refer to something.
 */
function belongs(table: BackupTable, alias: string, user_id: string, depth: number): string {
  if (table.name === 'users') return `${alias}.user_id = '${user_id}'`
  const has = (columns: readonly string[] | undefined) => (key: Reference) =>
    key.columns.some((name) => columns?.includes(name))
  const whose = has(WHOSE[table.name])
  const required = table.references.filter((key) => key.required || whose(key))
  if (required.length === 0) throw new Error(`nothing says whose a row of ${table.name} is`)
  return [
    ...required.map((key) => refers(key, alias, user_id, depth)),
    ...table.references.filter(has(ONLY_OWN[table.name])).map((key) => {
      const nothing = key.columns.map((name) => `${alias}.${quoted(name)} is null`).join(' and ')
      return `(${nothing} or ${refers(key, alias, user_id, depth)})`
    }),
  ].join(' and ')
}

/** Whether what a row refers to is of the person. */
function refers({ columns, table, to }: Reference, alias: string, user_id: string, depth: number): string {
  const own = columns.map((name) => `${alias}.${quoted(name)}`)
  // the same as below, without a look at the table
  if (table === 'users') return `${own[0]} = '${user_id}'`
  const there = backupTables().find(({ name }) => name === table)
  if (!there) throw new Error(`${table} is in no backup`)
  const other = `r${depth}`
  const same = to.map((name, i) => `${other}.${quoted(name)} = ${own[i]}`)
  return `exists (select from ${quoted(table)} as ${other} where ${same.join(' and ')} and ${belongs(there, other, user_id, depth + 1)})`
}

/**
 * The statement that inserts rows as `selectLines` gives them, these columns in this order, from one JSON array of them:
 * the text around that parameter. Throws for what the table has not.
 */
export function insertRows(table: BackupTable, columns: readonly string[]): [before: string, behind: string] {
  const values = columns.map((name, i) => {
    const column = table.columns.find((column) => column.name === name)
    if (!column) throw new Error(`${table.name} has no column ${name}`)
    const { type, shape } = column
    if (shape === 'list')
      return `case jsonb_typeof(r->${i}) when 'null' then null else array(select jsonb_array_elements_text(r->${i}))::${type} end`
    // a cast to varchar(50) would cut what is longer, and an assignment refuses it
    return type.startsWith('varchar') || type === 'text' ? `r->>${i}` : `(r->>${i})::${type}`
  })
  return [
    `insert into ${quoted(table.name)} (${columns.map(quoted).join(', ')}) select ${values.join(', ')} from jsonb_array_elements(`,
    '::jsonb) as e(r)',
  ]
}
