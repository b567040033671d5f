import { sql } from 'drizzle-orm'
import { changeText } from '../core/changes.ts'
import { formatInterval } from '../core/interval.ts'
import { findChange } from '../db/find.ts'
import { type Change, selectChanges } from '../db/history.ts'
import { changes } from '../db/schema.ts'
import { undoChange } from '../db/undo.ts'
import { CliError, notFound, usage } from '../errors.ts'
import type { View } from '../ui/output.ts'
import { listPage, type PageOptions, paged } from './page.ts'
import { examples, type Verb } from './verb.ts'

const LOOK = 'See what there is: rote undo --list'

/** A window in which the command would leave no room for what it did. */
const NARROW = 60

const changeView = (now: Date, columns: number): View<Change> => ({
  columns: [
    {
      header: 'id',
      value: (change) => change.change_id,
      show: (change) => change.change_id.slice(0, 8),
    },
    { header: 'when', value: (change) => change.changed_at, show: (change) => ago(change, now) },
    {
      header: 'command',
      value: (change) => change.command,
      ...(columns < NARROW && { hidden: true as const }),
    },
    { header: 'what', value: (change) => changeText(change.parts), flexible: true },
    {
      header: 'undone',
      value: (change) => change.undone_at,
      show: (change) => (change.undone_at ? 'undone' : ''),
    },
    { header: 'undoes', value: (change) => change.undoes, hidden: true },
  ],
  key: (change) => change.change_id,
  empty: 'You have changed nothing yet.',
})

const undo: Verb = (undo, run) => {
  paged(
    undo
      .argument(
        '[change]',
        'which of your changes, by its id in the list or the beginning of it (default: the last that was not taken back)',
      )
      .option('--list', 'only list your changes, the latest first'),
  ).action(
    run(
      async (
        { db, user, out, term, now },
        reference: string | undefined,
        options: PageOptions & { list?: true },
      ) => {
        const view = changeView(now(), term.size().columns)
        if (options.list) {
          if (reference !== undefined) throw usage('--list shows all changes.', 'Leave the id or --list out.')
          return listPage<Change>(out, view, options, async ({ last, offset, limit }) => {
            const found = await selectChanges(
              db,
              user,
              offset + limit,
              last && sql`${changes.position} < ${last.position}`,
            )
            return found.slice(offset)
          })
        }
        if (options.limit !== undefined || options.page !== undefined)
          throw usage('--limit and --page are for --list.', 'Add --list, or leave them out.')
        const wanted =
          reference === undefined
            ? sql`${changes.undone_at} is null and ${changes.undoes} is null`
            : sql`${changes.change_id} = ${await findChange(db, user, reference)}`
        const [change] = await selectChanges(db, user, 1, wanted)
        if (!change && reference === undefined)
          throw new CliError(
            'not_found',
            'There is nothing to take back.',
            'An answer is taken back with: rote study undo',
          )
        if (!change) throw notFound('change', reference ?? '', LOOK)
        const undone = await undoChange(db, user, change, now())
        await out.done(
          view,
          undone,
          `Took back "${change.command ?? 'a change'}", ${ago(change, now())}: ${changeText(change.parts)}.`,
        )
      },
    ),
  )
  examples(undo, [
    ['rote undo', 'takes back the last change; the next time the one before it'],
    ['rote undo --list', 'what there is to take back, with ids'],
    ['rote undo 3f9a', 'takes back one of them; of an undo: what it undid is done again'],
  ])
}
export default undo

function ago({ changed_at }: Change, now: Date): string {
  const interval = formatInterval(now.getTime() - changed_at.getTime())
  return interval === '<1m' ? 'just now' : `${interval} ago`
}
