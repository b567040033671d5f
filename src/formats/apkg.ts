import type { PackageFormat } from './format.ts'

/** Anki's packages and collections: https://docs.ankiweb.net/exporting.html. What becomes of what: docs/anki.md. */
export const apkg = {
  description: "Anki's packages and collections",
  extensions: ['apkg', 'colpkg', 'anki2', 'anki21'],
  async open(path, { history }) {
    const { openAnki } = await import('./anki/read.ts')
    return openAnki(path, { history })
  },
  async pack(put, batches, options) {
    const { writeAnki } = await import('./anki/write.ts')
    return writeAnki(put, batches, options)
  },
} satisfies PackageFormat
