import { sql } from 'drizzle-orm'
import { backupFolder, newestAutomatic } from '../../backup/automatic.ts'
import { overUrl } from '../../db/connect.ts'
import { serverStatus } from '../../db/embedded/client.ts'
import { schemaState } from '../../db/migrate.ts'
import { program } from '../../program.ts'
import { fieldView } from '../../ui/fields.ts'
import type { View } from '../../ui/output.ts'
import { examples, type Verb } from '../verb.ts'

interface Status {
  kind: 'embedded' | 'postgres'
  running: boolean
  /** The address without its password; null for the embedded database. */
  url: string | null
  home: string | null
  socket: string | null
  pid: number | null
  /** Of rote, in the server: they can differ while a new one takes over. */
  version: string | null
  postgres: string | null
  schema: string | null
  started_at: string | null
  clients: number | null
  memory: number | null
  /** The folder of the automatic backups. */
  backups: string | null
  last_backup: string | null
}

export const databaseStatus: Verb = (db, run) => {
  const command = db
    .command('status')
    .description('where the database is and how it does')
    .action(
      run.offline(async ({ config, out, now }) => {
        const status = config.databaseUrl
          ? await ofServer(config.databaseUrl)
          : await ofEmbedded(config.home, now())
        if (out.mode === 'tsv') return out.list(fieldView, Object.entries(status))
        const lines = Object.entries({
          ...status,
          memory: status.memory && `${Math.round(status.memory / 1e6)} MB`,
        })
          .filter(([, value]) => value !== null)
          .map(([key, value]) => `${key.padEnd(12)}${value}`)
        await out.done(statusView, status, lines.join('\n'))
      }),
    )
  examples(command, [['rote db status --json | jq .socket', 'where psql finds the embedded database']])
}

/** What --quiet says of it: where it is, if there is anything to connect to. */
const statusView: View<Status> = { columns: [], key: ({ url, socket }) => url ?? socket ?? '', empty: '' }

/** Does not start it: asking how it does should change nothing. */
async function ofEmbedded(home: string, now: Date): Promise<Status> {
  const backup = await newestAutomatic(home, now)
  const status = await serverStatus(home)
  return {
    kind: 'embedded',
    running: status !== null,
    url: null,
    home,
    socket: status?.socket ?? null,
    pid: status?.pid ?? null,
    version: status?.version ?? program.version,
    postgres: null,
    schema: null,
    started_at: status?.started_at ?? null,
    clients: status?.clients ?? null,
    memory: status?.memory ?? null,
    backups: backupFolder(home),
    last_backup: backup?.at.toISOString() ?? null,
  }
}

async function ofServer(url: string): Promise<Status> {
  const { db, close } = overUrl(url)
  try {
    const [server] = await db.execute<{ version: string; pid: number; started_at: Date }>(
      sql`select current_setting('server_version') as version, pg_backend_pid() as pid, pg_postmaster_start_time()::text as started_at`,
    )
    return {
      kind: 'postgres',
      running: true,
      url: withoutPassword(url),
      home: null,
      socket: null,
      pid: null,
      version: program.version,
      postgres: server?.version ?? null,
      schema: await schemaState(db),
      started_at: server ? new Date(server.started_at).toISOString() : null,
      clients: null,
      memory: null,
      backups: null,
      last_backup: null,
    }
  } finally {
    await close()
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***')
  return shown.href
}
