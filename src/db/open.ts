import type { Config } from '../config.ts'
import { type Connection, overSocket, overUrl } from './connect.ts'
import { serverSocket } from './embedded/client.ts'

/** The database that this run is about: one driver and one protocol, whoever is at the other end. */
export function openDatabase({ databaseUrl, home, idleMinutes }: Config): Connection {
  if (databaseUrl) return overUrl(databaseUrl)
  return overSocket(() => serverSocket({ home, idle_ms: idleMinutes * 60_000 }))
}
