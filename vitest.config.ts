import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Tests run the sources, which talk to the embedded server as built: both must say that they are the same build.
const build = existsSync('dist/build-id') ? readFileSync('dist/build-id', 'utf8') : 'none'

export default defineConfig({
  define: { ROTE_BUILD: JSON.stringify(build) },
  test: {
    include: ['test/**/*.test.ts'],
    // on a server these would be the same run again: the first start the built program on embedded databases of their own, the others
    // ask no database
    exclude: process.env.TEST_DATABASE_URL ? ['test/{process,core,formats,ui,images}/**'] : [],
    globalSetup: 'test/support/databases.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // many wait for processes and clocks more than they work
    maxWorkers: 3,
  },
})
