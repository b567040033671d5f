import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError } from '../../errors.ts'
import { cannotUse } from './paths.ts'

/** The major version of the PostgreSQL inside PGlite; a data directory of another one cannot be opened. */
export const POSTGRES_MAJOR = '18'

/**
 * Makes sure that `data` is a data directory that this PGlite can open: unpacks the prepared one on the first run,
 * refuses one of another major version. A first run that was killed leaves nothing that counts: the folder gets its
 * name only when it is complete and on the disk.
 */
export async function prepareDataDirectory(data: string, template: string): Promise<void> {
  const home = dirname(data)
  for (const name of readdirSync(home)) {
    if (name.startsWith('data.new-')) rmSync(join(home, name), { recursive: true, force: true })
  }
  if (existsSync(data)) return checkVersion(data)

  const fresh = join(home, `data.new-${process.pid}`)
  try {
    mkdirSync(fresh, { mode: 0o700 })
    await unpack(template, fresh)
    await syncTree(fresh)
    renameSync(fresh, data)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw cannotUse(home, error)
  }
  await syncPath(home)
}

async function unpack(archive: string, folder: string): Promise<void> {
  const tar = await import('tar')
  let problem: unknown
  tar.extract({
    file: archive,
    cwd: folder,
    sync: true,
    // to tar, a file that cannot be written is a thing to mention and no more
    onwarn(code, _message, data) {
      if (code !== 'TAR_ENTRY_INFO') problem ??= data
    },
  })
  if (problem) throw problem
}

function checkVersion(data: string): void {
  let major: string
  try {
    major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  } catch {
    throw new CliError(
      'unavailable',
      `${data} is not a PostgreSQL data directory (it has no PG_VERSION).`,
      `If nothing in it is yours, move it away: mv ${data} ${data}.old`,
    )
  }
  if (major !== POSTGRES_MAJOR) {
    throw new CliError(
      'unavailable',
      `The data in ${data} was written by PostgreSQL ${major}; this rote reads PostgreSQL ${POSTGRES_MAJOR}.`,
      `Use the rote that wrote it to export your decks (rote deck export), then move it away: mv ${data} ${data}.pg${major}`,
    )
  }
}

async function syncTree(folder: string): Promise<void> {
  await Promise.all(
    readdirSync(folder, { withFileTypes: true }).map((entry) =>
      entry.isDirectory() ? syncTree(join(folder, entry.name)) : syncPath(join(folder, entry.name)),
    ),
  )
  await syncPath(folder)
}

/** Makes sure that a file, or the names in a folder, are on the disk. */
export async function syncPath(path: string): Promise<void> {
  // a folder cannot be opened for that on Windows, where renames are durable by themselves
  const file = await open(path, 'r').catch(() => null)
  try {
    await file?.sync()
  } catch (error) {
    if (process.platform !== 'win32') throw error
  } finally {
    await file?.close()
  }
}
