import { type Connection, overSocket, overUrl } from './connect.ts'
import { serverSocket } from './embedded/client.ts'

/** Where the database is, as the configuration says. */
interface Address {
  /** Null: the embedded one, under `home`. */
  databaseUrl: string | null
  home: string
  idleMinutes: number
}

/** The database that this run is about: one driver and one protocol, whoever is at the other end. */
export function openDatabase({ databaseUrl, home, idleMinutes }: Address): Connection {
  if (databaseUrl) return overUrl(databaseUrl)
  return overSocket(() => serverSocket({ home, idle_ms: idleMinutes * 60_000 }))
}
