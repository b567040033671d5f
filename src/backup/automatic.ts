import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { backupName, backupsToDrop, backupTime, newestBackup } from '../core/backups.ts'
import type { Database } from '../db/connect.ts'
import { syncPath } from '../db/embedded/template.ts'
import { LATEST_MIGRATION } from '../db/migrate.ts'
import { readTables, snapshot } from './backup.ts'
import { readBackup, writeBackup } from './format.ts'
import { firstFilled } from './restore.ts'

/** A day, less what the hour differs by at which a person sits down every day. */
const AGE_MS = 20 * 3_600_000
/** How many characters of rows are fetched at once: a client that comes waits for no more. */
const PIECE = 100_000

/** Where the automatic backups of a home are. */
export const backupFolder = (home: string) => join(home, 'backups')

/** The path of the newest automatic backup of a home, and when it was made; null when there is none. */
export async function newestAutomatic(home: string, now: Date): Promise<{ path: string; at: Date } | null> {
  const newest = newestBackup(await namesIn(backupFolder(home)), now.getTime())
  if (newest === null) return null
  return { path: join(backupFolder(home), newest), at: new Date(backupTime(newest) ?? 0) }
}

/** What an automatic backup needs. */
interface Occasion {
  home: string
  program: string
  now: Date
  /** Does work with the database, as long as it takes. */
  database<T>(work: (db: Database) => Promise<T>): Promise<T>
  /** Somebody comes: the database is let go of at once, and what was written is dropped. */
  signal: AbortSignal
}

/**
 * Writes an automatic backup of everything if it is time for one: when the newest is about a day old and something has
 * changed since, or there is none and anything to lose. Then drops those that are not kept. The file is there as a whole or not
 * at all. Rejects when it was interrupted, and with what the file system says.
 */
export async function backUpIfDue(occasion: Occasion): Promise<void> {
  const { home, now, database, signal } = occasion
  const folder = backupFolder(home)
  await clearAway(folder)
  const newest = await newestAutomatic(home, now)
  if (newest && now.getTime() - newest.at.getTime() < AGE_MS) return
  const before = newest && (await xidIn(newest.path))
  const changed = await database(async (db) => {
    if (newest) return (await nextXid(db)) !== before
    return (await firstFilled(db)) !== null
  })
  if (!changed) return
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await write(join(folder, backupName(now.getTime())), occasion)
  signal.throwIfAborted()
  for (const name of backupsToDrop(await namesIn(folder), now.getTime()))
    await rm(join(folder, name), { force: true })
}

async function write(path: string, { program, now, database, signal }: Occasion): Promise<void> {
  const part = `${path}.part`
  const file = await open(part, 'wx', 0o600)
  let written = Promise.resolve()
  try {
    await database((db) =>
      snapshot(db, async (db) => {
        const header = {
          program,
          migration: LATEST_MIGRATION,
          created_at: now.toISOString(),
          scope: 'all',
          user: null,
          xid: await nextXid(db),
        } as const
        const pump = async () => {
          const parts = readTables(db, null, () => {}, { piece: PIECE, signal })
          for await (const piece of writeBackup(header, parts)) {
            signal.throwIfAborted()
            await file.appendFile(piece)
          }
        }
        written = pump()
        // the transaction ends now, however long the disk takes with what it was given
        await Promise.race([written, aborted(signal)])
      }),
    )
    await file.chmod(0o600)
    await file.sync()
    signal.throwIfAborted()
    await rename(part, path)
  } catch (error) {
    await written.catch(() => {})
    await rm(part, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await syncPath(join(path, '..'))
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/**
 * The number that the next transaction that writes will have. Reading leaves it as it is, and so does starting the server anew.
 */
async function nextXid(db: Database): Promise<string> {
  const [row] = await db.execute<{ xid: string }>(
    sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xid`,
  )
  if (!row) throw new Error('the database did not answer')
  return row.xid
}

/** Where the database was when a backup was made; null when the file does not say it, or is none. */
async function xidIn(path: string): Promise<string | null> {
  const bytes = createReadStream(path)
  try {
    for await (const part of readBackup(bytes, path))
      return part.kind === 'header' ? (part.header.xid ?? null) : null
    return null
  } catch {
    return null
  } finally {
    bytes.destroy()
  }
}

/** Takes away what a server that was killed has left half-written. */
async function clearAway(folder: string): Promise<void> {
  for (const name of await namesIn(folder))
    if (name.endsWith('.part') && backupTime(name.slice(0, -'.part'.length)) !== null)
      await rm(join(folder, name), { force: true })
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
