import type { Verb } from '../verb.ts'
import { migrateDatabase } from './migrate.ts'
import { databaseStatus } from './status.ts'
import { stopDatabase } from './stop.ts'

const db: Verb = (db, run) => {
  for (const verb of [databaseStatus, migrateDatabase, stopDatabase]) verb(db, run)
}
export default db
