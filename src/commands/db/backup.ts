import { eq, isNotNull } from 'drizzle-orm'
import { countLeftOut, type LeftOut, readTables, snapshot } from '../../backup/backup.ts'
import { type Header, writeBackup } from '../../backup/format.ts'
import type { Context } from '../../context.ts'
import { plural } from '../../core/plural.ts'
import type { Database } from '../../db/connect.ts'
import { LATEST_MIGRATION, schemaProblem, schemaState } from '../../db/migrate.ts'
import { users } from '../../db/schema.ts'
import { isOwner, type User } from '../../db/user.ts'
import { CliError, usage } from '../../errors.ts'
import { program } from '../../program.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import { spooled, thingAt, writeFile } from '../file.ts'
import { examples, type Verb } from '../verb.ts'
import { contentSentence, type Rows, total } from './shared.ts'

/** What a backup has done. */
interface BackupReport {
  file: string
  scope: Header['scope']
  user: string | null
  rows: Rows
  /** Of the file. */
  bytes: number
  /** Null for a backup of everything. */
  left_out: LeftOut | null
}

export const backupDatabase: Verb = (db, run) => {
  // who looks after a database need not be anybody in it, as long as nobody in it has anything to hide
  const ofAll = run.admin((context, file: string) => backup(context, null, file))
  const ofAllByOwner = run(async (context, file: string) => {
    const [owner] = await context.db
      .select({ is: isOwner })
      .from(users)
      .where(eq(users.user_id, context.user.user_id))
    if (!owner?.is) {
      throw new CliError(
        'denied',
        'Only the owner of the database may take all of it.',
        'Take what is yours: rote db backup <file> --mine',
      )
    }
    await backup(context, null, file)
  })
  let guarded = false
  const look = run.admin(async (context) => {
    guarded = await hasPasswords(context.db)
  })
  const ofOne = run((context, file: string) => backup(context, context.user, file))
  const command = db
    .command('backup')
    .argument('<file>', 'a file, or - for standard output')
    .description('write everything into one file, or to standard output with -')
    .option('--mine', 'only what is yours')
    .action(async (file: string, { mine }: { mine?: true }) => {
      if (mine) return ofOne(file)
      await look()
      return (guarded ? ofAllByOwner : ofAll)(file)
    })
  examples(command, [
    ['rote db backup rote.backup', 'everything, to be kept elsewhere'],
    ['rote db backup - --mine | ssh nas "cat > mine.backup"', 'yours alone, into a pipe'],
  ])
}

const backupView: View<BackupReport> = { columns: [], key: ({ file }) => file, empty: '' }

/** Whether anybody has a password; a database without tables has nobody. */
async function hasPasswords(db: Database): Promise<boolean> {
  if (schemaProblem(await schemaState(db))) return false
  const [found] = await db
    .select({ user_id: users.user_id })
    .from(users)
    .where(isNotNull(users.password_hash))
    .limit(1)
  return found !== undefined
}

async function backup(
  { db, out, term, now }: Pick<Context, 'db' | 'out' | 'term' | 'now'>,
  user: User | null,
  file: string,
): Promise<void> {
  const piped = file === '-'
  if (piped && term.stdout.isTTY)
    throw usage('A backup is not for a terminal.', 'Send it somewhere: rote db backup - > rote.backup')
  const there = piped ? null : await thingAt(file)
  if (there?.isDirectory()) throw new CliError('failure', `${file} is a folder, not a file.`)
  if (there?.isFile() && !(await term.confirm(`Replace ${file}?`, '--yes')))
    return out.nothing('Nothing was written.')
  const problem = schemaProblem(await schemaState(db))
  if (problem) throw problem

  const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
  let report: Omit<BackupReport, 'file'> | undefined
  const fill = async (put: (piece: Uint8Array) => Promise<void>) => {
    report = await write(db, user, now(), put, (rows) => progress.show(`${plural(rows, 'row')} read`))
    progress.stop()
  }
  try {
    // a device or a pipe can be slow, and a transaction may not wait for it
    if (piped) for await (const piece of spooled(fill)) await out.write(piece)
    else if (there && !there.isFile())
      await writeFile(file, there, async (put) => {
        for await (const piece of spooled(fill)) await put(piece)
      })
    else await writeFile(file, there, fill, { mode: 0o600, onExit: term.onExit })
  } finally {
    progress.stop()
  }
  if (!report) throw new Error('a backup was written without a report')
  const sentence = sentences({ file, ...report })
  if (piped) out.say(sentence)
  else await out.done(backupView, { file, ...report }, sentence)
}

/** Puts the bytes of a backup of everything, or of a person, and says what it has in it. */
async function write(
  db: Database,
  user: User | null,
  now: Date,
  put: (piece: Uint8Array) => Promise<void>,
  progress: (rows: number) => void,
): Promise<Omit<BackupReport, 'file'>> {
  const header: Header = {
    program: program.version,
    migration: LATEST_MIGRATION,
    created_at: now.toISOString(),
    scope: user ? 'mine' : 'all',
    user: user?.username ?? null,
  }
  const rows: Rows = {}
  let bytes = 0
  const left_out = await snapshot(db, async (db) => {
    const parts = readTables(db, user?.user_id ?? null, (table, count) => {
      rows[table] = (rows[table] ?? 0) + count
      progress(total(rows))
    })
    for await (const piece of writeBackup(header, parts)) {
      bytes += piece.length
      await put(piece)
    }
    return user && countLeftOut(db, user.user_id)
  })
  return { scope: header.scope, user: header.user, rows, bytes, left_out }
}

function sentences({ file, user, rows, bytes, left_out }: BackupReport): string {
  const size = bytes < 100_000 ? plural(bytes, 'byte') : `${(bytes / 1e6).toFixed(1)} MB`
  const whose = user ? `what is ${user}'s` : 'everything'
  const to = file === '-' ? '' : ` to ${file}`
  const lines = [`Wrote ${whose}${to}: ${contentSentence(rows)}; ${plural(total(rows), 'row')} in ${size}.`]
  const { attempts = 0, playlist_decks = 0 } = left_out ?? {}
  if (attempts > 0) lines.push(`Left out: ${plural(attempts, 'answer')} on cards of others.`)
  if (playlist_decks > 0) lines.push(`Left out of playlists: ${plural(playlist_decks, 'deck')} of others.`)
  return lines.join('\n')
}
