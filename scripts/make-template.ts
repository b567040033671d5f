// Writes a migrated, empty data directory of the embedded database: `node make-template.js <file.tar.gz>`.
import { writeFileSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { asClient, SharedSession } from '../src/db/embedded/shared-session.ts'
import { migrate } from '../src/db/migrate.ts'

const target = process.argv[2]
if (!target) throw new Error('usage: make-template <file.tar.gz>')

// small segments: most of a fresh data directory would be 16 MB of write-ahead log that says nothing
const pg = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] })
await asClient(new SharedSession(pg, 60_000), async (db) => {
  await migrate(db, 'drizzle')
  await db.execute(sql`vacuum (freeze, analyze)`)
  await db.execute(sql`checkpoint`)
})
const archive = await pg.dumpDataDir('gzip')
writeFileSync(target, Buffer.from(await archive.arrayBuffer()))
process.exit(0)
