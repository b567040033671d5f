// For `node --import`: writes the most memory that this process ever had, in kilobytes, to descriptor 3 at its end.
import { readFileSync, writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// a thread has an exit of its own
if (isMainThread)
  process.on('exit', () => {
    // Linux counts the parent's memory into maxRSS until exec, so the kernel's own high-water mark is the better one
    const kilobytes =
      process.platform === 'linux'
        ? /^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
        : process.resourceUsage().maxRSS
    writeSync(3, String(kilobytes))
  })
