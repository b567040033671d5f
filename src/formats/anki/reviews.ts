import type { Grade } from '../../core/card.ts'
import type { FileAttempt } from '../format.ts'
import { type Collection, type Row, whole } from './collection.ts'

/** Anki stops its clock after a minute, unless told otherwise. */
const LONGEST_MS = 60_000
/** Answers of one card that are taken over; 27 years of daily ones. */
const MOST = 10_000
/** 9999-12-31: a later time has no date that PostgreSQL reads. */
const LATEST = 253_402_300_799_999

/**
 * The answers of the review log as attempts. `of` must be called with the cards in the order of the package's records, by
 * note, place and id: the log is read beside them and never held.
 */
export class Reviews {
  readonly #rows: Iterator<Row>
  #next: Row | undefined

  constructor(collection: Collection) {
    this.#rows = collection
      .rows(
        `select c.nid, c.ord, c.id as cid, r.id, r.ease, r.time from notes n join cards c on c.nid = n.id
         join revlog r on r.cid = c.id where r.ease between 1 and 4 and not (r.type = 3 and r.factor = 0)
         order by n.id, c.ord, c.id, r.id`,
      )
      [Symbol.iterator]()
    this.#advance()
  }

  /** The answers of a card, oldest first. */
  of(nid: number, ord: number, cid: number): FileAttempt[] {
    const attempts: FileAttempt[] = []
    for (let row = this.#next; row; row = this.#next) {
      const order =
        whole(row.nid ?? null) - nid || whole(row.ord ?? null) - ord || whole(row.cid ?? null) - cid
      if (order > 0) break
      this.#advance()
      const at = whole(row.id ?? null)
      if (order < 0 || at <= 0 || at > LATEST || attempts.length >= MOST) continue
      const ms = whole(row.time ?? null)
      attempts.push({
        attempted_at: new Date(at).toISOString(),
        confidence_status: gradeOf(whole(row.ease ?? null)),
        duration_ms: ms <= 0 ? null : Math.min(ms, LONGEST_MS),
        direction: 'forward',
      })
    }
    return attempts
  }

  close(): void {
    this.#rows.return?.()
  }

  #advance(): void {
    const next = this.#rows.next()
    this.#next = next.done ? undefined : next.value
  }
}

/** Anki's Again, Hard, Good and Easy. */
function gradeOf(ease: number): Grade {
  return ease === 1 ? 'again' : ease === 2 ? 'almost' : 'got_it'
}
