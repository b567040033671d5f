import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// Tests run the sources, which talk to the embedded server as built: both must say that they are the same build.
if (!existsSync('dist/build-id')) throw new Error('dist/ is missing: build it first, with npm run build.')

export default defineConfig({
  define: { ROTE_BUILD: JSON.stringify(readFileSync('dist/build-id', 'utf8')) },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/databases.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
