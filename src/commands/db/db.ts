import type { Verb } from '../verb.ts'
import { migrateDatabase } from './migrate.ts'
import { rebuildDatabase } from './rebuild.ts'
import { databaseStatus } from './status.ts'
import { stopDatabase } from './stop.ts'

const db: Verb = (db, run) => {
  for (const verb of [databaseStatus, migrateDatabase, rebuildDatabase, stopDatabase]) verb(db, run)
}
export default db
