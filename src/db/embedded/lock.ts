import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Takes an exclusive lock that the kernel releases when this process ends, however it ends. `descriptor` is the open
 * lock file, `path` its name. Resolves with whether this process has it now.
 *
 * Where the prebuilt file lock does not load (musl, rare processors), Linux has a second lock of the same kind: an
 * abstract socket, which also goes with its process.
 */
export async function tryLock(descriptor: number, path: string): Promise<boolean> {
  try {
    const { default: native } = await import('fs-native-extensions')
    return native.tryLock(descriptor)
  } catch (error) {
    if (process.platform !== 'linux') throw error
    const name = `\0rote-${createHash('sha256').update(path).digest('hex')}`
    return new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(name, () => resolve(true))
      server.unref()
    })
  }
}
