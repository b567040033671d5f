import type { Verb } from '../verb.ts'
import { backupDatabase } from './backup.ts'
import { migrateDatabase } from './migrate.ts'
import { rebuildDatabase } from './rebuild.ts'
import { restoreDatabase } from './restore.ts'
import { databaseStatus } from './status.ts'
import { stopDatabase } from './stop.ts'

const db: Verb = (db, run) => {
  for (const verb of [
    databaseStatus,
    migrateDatabase,
    backupDatabase,
    restoreDatabase,
    rebuildDatabase,
    stopDatabase,
  ])
    verb(db, run)
}
export default db
