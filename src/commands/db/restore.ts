import { stat } from 'node:fs/promises'
import { type BackupSource, refuseFilled, restoreBackup, verifyBackup } from '../../backup/restore.ts'
import { plural } from '../../core/plural.ts'
import { schemaProblem, schemaState } from '../../db/migrate.ts'
import { openSource } from '../../import/source.ts'
import type { View } from '../../ui/output.ts'
import { createProgress } from '../../ui/progress.ts'
import type { Input } from '../../world.ts'
import { temporaryFile } from '../file.ts'
import { examples, type Verb } from '../verb.ts'
import { contentSentence, type Rows } from './shared.ts'

/** What a restore has done. */
interface RestoreReport {
  scope: 'all' | 'mine'
  user: string | null
  /** When the backup was made. */
  created_at: string
  rows: Rows
}

export const restoreDatabase: Verb = (db, run) => {
  const command = db
    .command('restore <file>')
    .description('fill an empty database from a backup; - reads standard input')
    .action(
      run.admin(async ({ db, out, term }, file: string) => {
        const problem = schemaProblem(await schemaState(db))
        if (problem) throw problem
        await refuseFilled(db)
        const progress = createProgress(term.stderr, out.mode === 'table' || out.mode === 'tsv')
        const source = await twice(file, term.stdin)
        try {
          const { header, rows } = await verifyBackup(source, (rows) =>
            progress.show(`${plural(rows, 'row')} checked`),
          )
          await restoreBackup(db, source, (rows) => progress.show(`${plural(rows, 'row')} restored`))
          progress.stop()
          const { scope, user, created_at } = header
          const whose = user === null ? '' : ` of ${user}`
          const sentence = `Restored ${contentSentence(rows)}${whose}, as of ${created_at}.`
          await out.done(restoreView, { scope, user, created_at, rows }, sentence)
        } finally {
          progress.stop()
          await source.discard()
        }
      }),
    )
  examples(command, [
    ['rote db restore rote.backup', 'into an empty database'],
    ['ssh nas "cat mine.backup" | rote db restore -', 'or from a pipe'],
  ])
}

/** There is nothing that --quiet could name. */
const restoreView: View<RestoreReport> = { columns: [], key: () => '', empty: '' }

/** A backup to be read twice: what can be read only once is put aside first. */
async function twice(file: string, stdin: Input): Promise<BackupSource & { discard(): Promise<void> }> {
  const name = file === '-' ? 'standard input' : file
  const open = () => openSource(file, stdin, 'Name the file: rote db restore rote.backup')
  const found = file === '-' ? null : await stat(file).catch(() => null)
  if (found?.isFile()) {
    async function* read() {
      yield* (await open()).bytes
    }
    return { name, read, discard: async () => {} }
  }
  const { bytes } = await open()
  const aside = await temporaryFile()
  for await (const piece of bytes) await aside.put(piece)
  return { name, read: aside.read, discard: aside.discard }
}
