import { textProblem } from '../card.ts'
import { type Erased, erased } from '../erase.ts'
import { plural } from '../plural.ts'
import { type Checked, isVerified } from './candidate.ts'
import { findQuote } from './quote-place.ts'

/*
 * The review of the candidates of a job, as a state machine. ⇒ marks the effects that go out.
 *
 *               accept, take, reject ⇒ accept, reject; undo ⇒ propose, replace; edited
 *                  ┌──┐
 *                  │  ▼       accept_all             yes ⇒ accept
 *            ┌───────────┐ ───────────────▶ ┌─────────┐ ────────────┐
 *   start ──▶│ candidate │ ◀─────────────── │ confirm │             │
 *     │      └───────────┘    close         └─────────┘             │
 *     │       ▲ │  ▲   │ regenerate        ┌────────┐ ◀─┐ type,     │
 *     │       │ │  │   └─────────────────▶ │ remark │   │ erase     │
 *     │       │ │  └──── close ─────────── │        │ ──┘           │
 *     │       │ │                          └────────┘               │
 *     │       │ │                              │ submit ⇒ regenerate│
 *     │       │ │ none waits any more          ▼                    │
 *     │       │ │        failed, called_off ┌────────┐              │
 *     │       │ │    ┌───────────────────── │ asking │              │
 *     │       │ │    │ regenerated ⇒ replace└────────┘              │
 *     │       │ └────│───┐                                          │
 *     │       └──────┘   ▼   move, undo, refreshed with more        │
 *     │               ┌─────┐ ───────────────────────▶ candidate    │
 *     └─ no ─────────▶│ end │ ◀─────────────────────────────────────┘
 *        candidates   └─────┘
 *
 *   candidate ── help, source ⇒ source ──▶ help, source ── close ──▶ candidate
 *   any phase ── quit ──▶ left
 *
 * Candidates stand in the order of the source. A decision shows the next that waits; moving decides nothing. What was
 * decided, edited or regenerated here can be undone, as often as there was something. Two may sit over one job: refused
 * brings what could not be done, and refreshed all that waits by now; what has gone from that was decided elsewhere, and
 * is not ours to change. An event that a phase has no use for leaves the review as it is, the very same object.
 */

/** A proposed card, as it is reviewed. */
export interface Candidate extends Checked {
  candidate_id: string
  /** Its place in the source: the section, and within it. */
  section: number
  position: number
  /** The question of the card or candidate that it is like. */
  duplicate_of: string | null
  /** A card that was made of it and taken back: it lies in the trash, with its history, and comes out of there. */
  card_id: string | null
}

/** What a person decides. */
export type Verdict = 'accepted' | 'rejected'

/** A candidate in the review. */
export interface Item {
  readonly candidate: Candidate
  readonly decision: 'proposed' | Verdict | 'elsewhere'
  /** The person has written in it: they know what it says. */
  readonly edited: boolean
}

export type Showing =
  | { phase: 'candidate' }
  /** Before many are accepted at once. */
  | { phase: 'confirm'; candidates: readonly Candidate[] }
  | { phase: 'remark'; text: string }
  | { phase: 'asking'; text: string }
  /** The text around the quote; null: it is not kept any more. */
  | { phase: 'source'; text: string | null }
  | { phase: 'help' }
  | { phase: 'end' }
  | { phase: 'left' }
export type Phase = Showing['phase']

export interface Review {
  readonly showing: Showing
  /** In the order of the source. */
  readonly items: readonly Item[]
  /** The place of the candidate on the screen among them. */
  readonly at: number
  /** What can be undone, latest last; null: nothing. */
  readonly past: Past | null
  /** A sentence about what was just done, for the screen; null: nothing to say. */
  readonly notice: string | null
  /** A remark that was not answered, so that nobody has to type it again. */
  readonly remark: { candidate_id: string; text: string } | null
}

/** What an item was before a step. Only what the step has changed, since others may change the rest. */
interface Change {
  candidate_id: string
  before: Partial<Pick<Item, 'decision' | 'candidate' | 'edited'>>
}

interface Past {
  changes: readonly Change[]
  /** The candidate that was on the screen. */
  shown: string | null
  /** What is undone, as a notice says it. */
  what: string
  past: Past | null
}

/** Why something could not be done. `same`: the deck has the question already. */
export interface Refusal {
  candidate_id: string
  why: 'elsewhere' | 'same'
}

/** What a model made of a candidate, with a remark, the second time. */
export type Regenerated = Checked & { duplicate_of?: string | null }

export type ReviewEvent =
  | { type: 'accept' }
  /** Accepts what may be accepted without a second look. */
  | { type: 'take' }
  | { type: 'reject' }
  | { type: 'accept_all' }
  | { type: 'yes' }
  | { type: 'edited'; text: { question: string; answer: string } }
  | { type: 'regenerate' }
  | { type: 'type'; text: string }
  | { type: 'erase'; what: Erased }
  | { type: 'submit' }
  | { type: 'regenerated'; result: Regenerated }
  | { type: 'failed'; text: string }
  | { type: 'called_off' }
  | { type: 'undo' }
  | { type: 'move'; by: 1 | -1 }
  | { type: 'source' }
  | { type: 'loaded'; text: string | null }
  | { type: 'help' }
  | { type: 'close' }
  | { type: 'refused'; refusals: readonly Refusal[] }
  /** `moved`: the person has gone to the candidate on the screen themselves, and is not led away from it. */
  | { type: 'refreshed'; candidates: readonly Candidate[]; moved?: boolean }
  | { type: 'notice'; text: string }
  | { type: 'quit' }

/** What the world outside must now do, in order. */
export type ReviewEffect =
  | { type: 'accept' | 'reject'; candidates: readonly Candidate[] }
  /** Takes a decision back: `was` it. */
  | { type: 'propose'; candidates: readonly Candidate[]; was: Verdict }
  /** Writes the candidate down as it is given. */
  | { type: 'replace'; candidate: Candidate }
  /** Asks a model, and comes back with regenerated, failed or called_off. */
  | { type: 'regenerate'; candidate: Candidate; remark: string }
  /** Fetches the text around the candidate, and comes back with loaded. */
  | { type: 'source'; candidate: Candidate }

/** What a step gives: the review after it, and what is to be done about it. */
type Step = [review: Review, effects: ReviewEffect[]]

/** Begins a review with the candidates that wait, in any order. */
export function startReview(candidates: readonly Candidate[]): Review {
  const items = candidates
    .map((candidate): Item => ({ candidate, decision: 'proposed', edited: false }))
    .sort(bySource)
  const verified = candidates.filter(isVerified).length
  return {
    showing: { phase: items.length > 0 ? 'candidate' : 'end' },
    items,
    at: 0,
    past: null,
    notice:
      verified > 1
        ? `${verified} of ${items.length} are verified and have no flags: v accepts them all.`
        : null,
    remark: null,
  }
}

/** What happens to the review when `event` comes. Pure, and total: every event is allowed at any time. */
export function step(review: Review, event: ReviewEvent): Step {
  // what was said about the step before has been read, unless it is only news from outside that comes
  const isNews = event.type === 'refreshed' || event.type === 'refused' || event.type === 'loaded'
  const read = review.notice === null || isNews ? review : { ...review, notice: null }
  const [next, effects] = react(read, event)
  return [next === read ? review : next, effects]
}

function react(review: Review, event: ReviewEvent): Step {
  const { showing } = review
  const unchanged: Step = [review, []]
  const on = (phase: Phase) => showing.phase === phase
  switch (event.type) {
    case 'accept':
      return on('candidate') ? decide(review, 'accepted') : unchanged
    case 'take':
      return on('candidate') ? take(review) : unchanged
    case 'reject':
      return on('candidate') ? decide(review, 'rejected') : unchanged
    case 'accept_all':
      return on('candidate') ? [askForAll(review), []] : unchanged
    case 'yes':
      if (showing.phase !== 'confirm') return unchanged
      return acceptAll({ ...review, showing: { phase: 'candidate' } }, showing.candidates)
    case 'edited':
      return on('candidate') ? edited(review, event.text) : unchanged
    case 'regenerate':
      return on('candidate') ? [askForRemark(review), []] : unchanged
    case 'type':
      if (showing.phase !== 'remark') return unchanged
      return [{ ...review, showing: { ...showing, text: showing.text + event.text } }, []]
    case 'erase': {
      if (showing.phase !== 'remark') return unchanged
      const text = erased(showing.text, event.what)
      return text === showing.text ? unchanged : [{ ...review, showing: { ...showing, text } }, []]
    }
    case 'submit': {
      const item = shownItem(review)
      if (showing.phase !== 'remark' || !item) return unchanged
      const text = showing.text.trim()
      return [
        { ...keepRemark(review), showing: { phase: 'asking', text } },
        [{ type: 'regenerate', candidate: item.candidate, remark: text }],
      ]
    }
    case 'regenerated':
      return on('asking') ? regenerated(review, event.result) : unchanged
    case 'failed':
    case 'called_off': {
      if (!on('asking')) return unchanged
      const notice = event.type === 'failed' ? event.text : 'Called off: it stays as it was.'
      return [{ ...review, showing: { phase: 'candidate' }, notice }, []]
    }
    case 'undo':
      return on('candidate') || on('end') ? undo(review) : unchanged
    case 'move':
      return on('candidate') || on('end') ? [move(review, event.by), []] : unchanged
    case 'source': {
      const item = shownItem(review)
      return on('candidate') && item ? [review, [{ type: 'source', candidate: item.candidate }]] : unchanged
    }
    case 'loaded':
      return on('candidate') ? [showSource(review, event.text), []] : unchanged
    case 'help':
      return on('candidate') ? [{ ...review, showing: { phase: 'help' } }, []] : unchanged
    case 'close':
      if (on('remark')) return [{ ...keepRemark(review), showing: { phase: 'candidate' } }, []]
      return on('help') || on('source') || on('confirm')
        ? [{ ...review, showing: { phase: 'candidate' } }, []]
        : unchanged
    case 'refused':
      return [refuse(review, event.refusals), []]
    case 'refreshed':
      return [refresh(review, event.candidates, event.moved ?? false), []]
    case 'notice':
      return [{ ...review, notice: event.text }, []]
    case 'quit':
      return on('left') ? unchanged : [{ ...review, showing: { phase: 'left' } }, []]
    default:
      return event satisfies never
  }
}

/** The item on the screen, or under what covers it; null when there is none. */
export function shownItem({ showing, items, at }: Review): Item | null {
  return showing.phase === 'end' || showing.phase === 'left' ? null : (items[at] ?? null)
}

/** Whether Enter accepts it: it is verified and has no flags, or the person has written it themselves. */
export function isPreselected({ candidate, decision, edited }: Item): boolean {
  return decision === 'proposed' && (edited || isVerified(candidate))
}

/** Why a candidate cannot become a card as it is, as a sentence; null when it can. */
export function cardProblem({ question, answer }: Pick<Candidate, 'question' | 'answer'>): string | null {
  const problem = textProblem('question', question) ?? textProblem('answer', answer)
  return problem && `${problem[0]?.toUpperCase()}${problem.slice(1)}.`
}

/** How many there are of each decision; `proposed` ones wait. */
export function countDecisions({ items }: Review): Record<Item['decision'], number> {
  const counts = { proposed: 0, accepted: 0, rejected: 0, elsewhere: 0 }
  for (const { decision } of items) counts[decision]++
  return counts
}

const ELSEWHERE = 'It was decided elsewhere.'
const FIXED = 'It is decided. u takes the last decision back.'

function take(review: Review): Step {
  const item = shownItem(review)
  if (!item) return [review, []]
  if (isPreselected(item)) return decide(review, 'accepted')
  if (item.decision !== 'proposed') return [move(review, 1), []]
  const { grounding, flags } = item.candidate
  const why = grounding !== 'verified' ? `It is ${grounding}` : `It has ${plural(flags.length, 'flag')}`
  return [{ ...review, notice: `${why}: Enter does not accept it, y does.` }, []]
}

/** Decides on the candidate on the screen, also when it had been decided otherwise here, and shows the next that waits. */
function decide(review: Review, verdict: Verdict): Step {
  const item = shownItem(review)
  if (!item) return [review, []]
  const { candidate, decision } = item
  if (decision === 'elsewhere') return [{ ...review, notice: ELSEWHERE }, []]
  if (decision === verdict) return [move(review, 1), []]
  const problem = verdict === 'accepted' ? cardProblem(candidate) : null
  if (problem) return [{ ...review, notice: `${problem} Edit it first (e).` }, []]
  const change = { candidate_id: candidate.candidate_id, before: { decision } }
  const decided = withItems(review, [[candidate.candidate_id, { decision: verdict }]])
  const taken =
    decision === 'proposed' ? [] : [{ type: 'propose', candidates: [candidate], was: decision } as const]
  return [
    remember(showNext(decided), review, [change], verdict === 'accepted' ? 'acceptance' : 'rejection'),
    [...taken, { type: verdict === 'accepted' ? 'accept' : 'reject', candidates: [candidate] }],
  ]
}

function askForAll(review: Review): Review {
  const candidates = review.items
    .filter(
      (item) => item.decision === 'proposed' && isVerified(item.candidate) && !cardProblem(item.candidate),
    )
    .map(({ candidate }) => candidate)
  return candidates.length === 0
    ? { ...review, notice: 'None of those that wait is verified and without flags.' }
    : { ...review, showing: { phase: 'confirm', candidates } }
}

function acceptAll(review: Review, candidates: readonly Candidate[]): Step {
  const changes = candidates.map(({ candidate_id }) => ({
    candidate_id,
    before: { decision: 'proposed' } as const,
  }))
  const decided = withItems(
    review,
    candidates.map(({ candidate_id }) => [candidate_id, { decision: 'accepted' }]),
  )
  const shown = shownItem(decided)
  const next = shown?.decision === 'proposed' ? decided : showNext(decided)
  const what = candidates.length === 1 ? 'acceptance' : `acceptance of ${candidates.length}`
  return [
    { ...remember(next, review, changes, what), notice: `Accepted ${candidates.length}.` },
    [{ type: 'accept', candidates }],
  ]
}

/** The person has written it anew, which is stored already. */
function edited(review: Review, text: { question: string; answer: string }): Step {
  const item = shownItem(review)
  if (item?.decision !== 'proposed') return [review, []]
  const { candidate, edited } = item
  const change = { candidate_id: candidate.candidate_id, before: { candidate, edited } }
  const after = withItems(review, [
    [candidate.candidate_id, { candidate: { ...candidate, ...text }, edited: true }],
  ])
  return [{ ...remember(after, review, [change], 'change'), notice: 'Changed. Enter accepts it.' }, []]
}

function showSource(review: Review, text: string | null): Review {
  const { quote = null, page = null } = shownItem(review)?.candidate ?? {}
  const isMissing = text !== null && quote !== null && !findQuote(text, quote, page)
  const notice = isMissing ? 'The quote is not in this text word for word.' : null
  return { ...review, showing: { phase: 'source', text }, notice }
}

function askForRemark(review: Review): Review {
  const item = shownItem(review)
  if (!item) return review
  if (item.decision !== 'proposed')
    return { ...review, notice: item.decision === 'elsewhere' ? ELSEWHERE : FIXED }
  const kept = review.remark?.candidate_id === item.candidate.candidate_id ? review.remark.text : ''
  return { ...review, showing: { phase: 'remark', text: kept } }
}

function keepRemark(review: Review): Review {
  const { showing } = review
  const candidate_id = shownItem(review)?.candidate.candidate_id
  if (showing.phase !== 'remark' || candidate_id === undefined) return review
  return { ...review, remark: { candidate_id, text: showing.text } }
}

function regenerated(review: Review, result: Regenerated): Step {
  const shown = { ...review, showing: { phase: 'candidate' } } as const
  const item = shownItem(shown)
  if (item?.decision !== 'proposed') return [shown, []]
  const { candidate, edited } = item
  const { candidate_id, section, position, card_id } = candidate
  const { question, answer, quote, page, grounding, flags, duplicate_of = null } = result
  const fresh: Candidate = {
    ...{ candidate_id, section, position, card_id },
    ...{ question, answer, quote, page, grounding, flags, duplicate_of },
  }
  const change = { candidate_id, before: { candidate, edited } }
  const after = { ...withItems(shown, [[candidate_id, { candidate: fresh, edited: false }]]), remark: null }
  return [
    {
      ...remember(after, review, [change], 'attempt of the model'),
      notice: 'A new one. u brings the old one back.',
    },
    [{ type: 'replace', candidate: fresh }],
  ]
}

/** Takes the last step back, and shows the candidate that was on the screen then. */
function undo(review: Review): Step {
  const { past } = review
  if (!past) return [{ ...review, notice: 'There is nothing to undo in this sitting.' }, []]
  const now = new Map(review.items.map((item) => [item.candidate.candidate_id, item]))
  // what somebody else has decided since is theirs
  const changes = past.changes.filter(({ candidate_id }) => now.get(candidate_id)?.decision !== 'elsewhere')
  const back = withItems(
    review,
    changes.map(({ candidate_id, before }) => [candidate_id, before]),
  )
  const at = back.items.findIndex(({ candidate }) => candidate.candidate_id === past.shown)
  const pairs = changes.flatMap(({ candidate_id, before }) => {
    const item = now.get(candidate_id)
    return item ? [[item, { ...item, ...before }] as const] : []
  })
  const after: Review = {
    ...back,
    past: past.past,
    at: at === -1 ? back.at : at,
    showing: { phase: 'candidate' },
    notice: changes.length > 0 ? `Took back the last ${past.what}.` : ELSEWHERE,
  }
  return [after, between(pairs)]
}

/** What makes the second of each pair of the first. */
function between(pairs: readonly (readonly [now: Item, then: Item])[]): ReviewEffect[] {
  const effects: ReviewEffect[] = []
  const changed = pairs.filter(([now, then]) => now.decision !== then.decision)
  for (const was of ['accepted', 'rejected'] as const) {
    const candidates = changed.filter(([now]) => now.decision === was).map(([, { candidate }]) => candidate)
    if (candidates.length > 0) effects.push({ type: 'propose', candidates, was })
  }
  for (const [now, { candidate }] of pairs)
    if (now.candidate !== candidate) effects.push({ type: 'replace', candidate })
  for (const [decision, type] of [
    ['accepted', 'accept'],
    ['rejected', 'reject'],
  ] as const) {
    const candidates = changed
      .filter(([, then]) => then.decision === decision)
      .map(([, { candidate }]) => candidate)
    if (candidates.length > 0) effects.push({ type, candidates })
  }
  return effects
}

/** Shows the neighbour, decided or not. */
function move(review: Review, by: 1 | -1): Review {
  if (review.showing.phase === 'end')
    return review.items.length > 0 ? { ...review, showing: { phase: 'candidate' } } : review
  const at = review.at + by
  if (!review.items[at])
    return { ...review, notice: by === 1 ? 'It is the last one.' : 'It is the first one.' }
  return { ...review, at }
}

/** Shows the next candidate that waits, or from the beginning those that were passed over. */
function showNext(review: Review): Review {
  const waits = ({ decision }: Item) => decision === 'proposed'
  const next = review.items.findIndex((item, index) => index > review.at && waits(item))
  if (next !== -1) return { ...review, at: next, showing: { phase: 'candidate' } }
  const first = review.items.findIndex(waits)
  if (first === -1) return { ...review, showing: { phase: 'end' } }
  return { ...review, at: first, showing: { phase: 'candidate' }, notice: 'Back at the first that waits.' }
}

/** Corrects what a step took for granted. */
function refuse(review: Review, refusals: readonly Refusal[]): Review {
  const why = new Map(refusals.map(({ candidate_id, why }) => [candidate_id, why]))
  const corrected = withItems(
    review,
    refusals.map(({ candidate_id, why }) => [
      candidate_id,
      { decision: why === 'elsewhere' ? 'elsewhere' : 'proposed' },
    ]),
  )
  const { past } = review
  const left = past?.changes.filter(({ candidate_id }) => !why.has(candidate_id)) ?? []
  const same = refusals.filter(({ why }) => why === 'same')
  const [only] = same
  const notice =
    same.length > 1
      ? `${same.length} were left: the deck has their questions already.`
      : same.length === 1
        ? 'The deck has this question already: edit it (e), or reject it (n).'
        : ELSEWHERE
  const after = {
    ...corrected,
    past: past && (left.length > 0 ? { ...past, changes: left } : past.past),
    notice,
  }
  const at = only
    ? after.items.findIndex(({ candidate }) => candidate.candidate_id === only.candidate_id)
    : -1
  if (at !== -1) return { ...after, at, showing: { phase: 'candidate' } }
  return shownItem(after)?.decision === 'elsewhere' ? { ...showNext(after), notice } : after
}

/** Brings all that waits by now: some may have been decided elsewhere, taken back there, changed, or be new. */
function refresh(review: Review, candidates: readonly Candidate[], moved: boolean): Review {
  const fresh = new Map(candidates.map((candidate) => [candidate.candidate_id, candidate]))
  const before = shownItem(review)
  let gone = 0
  const known = review.items.map((item): Item => {
    const candidate = fresh.get(item.candidate.candidate_id)
    fresh.delete(item.candidate.candidate_id)
    if (candidate)
      return { candidate, decision: 'proposed', edited: item.edited && isSameText(candidate, item.candidate) }
    if (item.decision !== 'proposed') return item
    gone++
    return { ...item, decision: 'elsewhere' }
  })
  const more = [...fresh.values()].map(
    (candidate): Item => ({ candidate, decision: 'proposed', edited: false }),
  )
  const items = more.length > 0 ? [...known, ...more].sort(bySource) : known
  const shown = before ? items.findIndex((item) => sameId(item, before)) : review.at
  const after = { ...review, items, at: Math.max(0, shown) }
  const now = items[after.at]
  const news = [
    gone > 0 ? `${plural(gone, 'candidate')} decided elsewhere.` : null,
    more.length > 0 ? `${plural(more.length, 'more candidate')} came in.` : null,
    before &&
    now &&
    before.decision === 'proposed' &&
    now.decision === 'proposed' &&
    !isSameText(before.candidate, now.candidate)
      ? 'It was changed elsewhere.'
      : null,
  ].filter((sentence) => sentence !== null)
  const notice = news.length > 0 ? news.join(' ') : review.notice
  const isOver = review.showing.phase === 'end' && items.some(({ decision }) => decision === 'proposed')
  const leaves = review.showing.phase === 'candidate' && now?.decision === 'elsewhere' && !moved
  return isOver || leaves ? { ...showNext(after), notice } : { ...after, notice }
}

function isSameText(one: Candidate, other: Candidate): boolean {
  return one.question === other.question && one.answer === other.answer
}

function sameId(one: Item, other: Item): boolean {
  return one.candidate.candidate_id === other.candidate.candidate_id
}

function withItems(review: Review, changes: readonly (readonly [id: string, Partial<Item>])[]): Review {
  const byId = new Map(changes)
  return {
    ...review,
    items: review.items.map((item) => {
      const change = byId.get(item.candidate.candidate_id)
      return change ? { ...item, ...change } : item
    }),
  }
}

function remember(after: Review, before: Review, changes: readonly Change[], what: string): Review {
  const shown = before.items[before.at]?.candidate.candidate_id ?? null
  return { ...after, past: { changes, shown, what, past: before.past } }
}

function bySource({ candidate: one }: Item, { candidate: other }: Item): number {
  return one.section - other.section || one.position - other.position
}
