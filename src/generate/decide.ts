import { type SQL, sql } from 'drizzle-orm'
import { checkText } from '../core/card.ts'
import type { Candidate, Refusal, Verdict } from '../core/generate/review.ts'
import { changedBy } from '../db/changes.ts'
import type { Database } from '../db/connect.ts'
import { inlineJson } from '../db/inline.ts'
import {
  aiCandidates,
  aiJobs,
  cardImages,
  cardSchedules,
  cards,
  decks,
  revisionAttempts,
} from '../db/schema.ts'
import type { Author, User } from '../db/user.ts'
import { editableBy, uuids } from '../db/where.ts'
import { CliError } from '../errors.ts'
import { jobDeck } from './waiting.ts'

/*
 * What a person decides on candidates, in rows. Each function is one statement, so one transaction, which may be sent
 * again: it changes nothing then, and says the same. A candidate is decided only from `proposed`, so of two who decide at
 * once one comes late. A job is there only for the person whose it is.
 */

/** A candidate and the card that is, or was, made of it. The id of a new one is the client's. */
export interface CandidateCard {
  candidate_id: string
  card_id: string
}

/**
 * Makes cards of candidates, in the order of the source, at the end of the job's deck. What was taken back into the trash
 * comes out of it, with its history. Refused are those that somebody has decided already, and those whose question the
 * deck has. Throws not_found and denied when the deck is not there, or not the person's to change, any more.
 */
export async function accept(
  db: Database,
  user: Author,
  job_id: string,
  chosen: readonly CandidateCard[],
): Promise<{ accepted: CandidateCard[]; refusals: Refusal[] }> {
  const rows = await db.execute<{
    candidate_id: string
    card_id: string
    taken: boolean
    known: boolean
    is_same: boolean
  }>(
    sql`
    with given as (
      select * from jsonb_to_recordset(${inlineJson(chosen)}) as given (candidate_id uuid, card_id uuid)
    ), job as (
      select j.job_id, decks.deck_id, array(select jsonb_array_elements_text(j.options -> 'tags')) as tags
      from ${aiJobs} j join ${decks} on decks.deck_id = j.deck_id
      where j.job_id = ${job_id} and j.user_id = ${user.user_id} and ${editableBy(user)}
    ), before as (
      select c.candidate_id, c.section, c.position, given.card_id as wanted, c.card_id, c.decision, exists (
          select from ${cards} k where k.deck_id = job.deck_id and k.deleted_at is null
            and hashtextextended(k.question, 0) = hashtextextended(c.question, 0) and k.question = c.question)
        or 1 < row_number() over (partition by c.decision, c.question order by c.section, c.position) as is_same,
        exists (
          select from ${cards} k where k.card_id = given.card_id
            and (k.deleted_at is null or k.job_id <> c.job_id or k.deck_id <> job.deck_id)) as is_other
      from given join ${aiCandidates} c on c.candidate_id = given.candidate_id join job on job.job_id = c.job_id
    ), taken as (
      update ${aiCandidates} c set decision = 'accepted', decided_at = now(), card_id = before.wanted
      from before
      where c.candidate_id = before.candidate_id and c.decision = 'proposed' and not is_same and not is_other
      returning c.*
    ), made as (
      insert into ${cards} (card_id, deck_id, question, answer, tags, job_id, source_page, source_quote)
      select taken.card_id, job.deck_id, question, answer, tags, job.job_id, page,
        -- one that is not in the source is no evidence
        case when grounding <> 'unverified' then quote end
      from taken join job on true where ${changedBy(user)} order by section, position
      on conflict (card_id) do update
        set deleted_at = null, question = excluded.question, answer = excluded.answer
    )
    select candidate_id, wanted as card_id, candidate_id in (select candidate_id from taken) as taken,
      decision = 'accepted' and card_id = wanted as known, decision = 'proposed' and is_same as is_same
    from before order by section, position`.inlineParams(),
  )
  // says why, when that is the deck
  if (rows.length === 0) await jobDeck(db, user, job_id)
  const accepted = rows.filter(({ taken, known }) => taken || known)
  const same = new Set(
    rows.filter((row) => row.is_same && !row.taken).map(({ candidate_id }) => candidate_id),
  )
  const ids = chosen.map(({ candidate_id }) => candidate_id)
  return {
    accepted: accepted.map(({ candidate_id, card_id }) => ({ candidate_id, card_id })),
    refusals: missing(ids, accepted).map(({ candidate_id }) => ({
      candidate_id,
      why: same.has(candidate_id) ? 'same' : 'elsewhere',
    })),
  }
}

/** Rejects candidates. Refused are those that somebody has accepted already. */
export async function reject(
  db: Database,
  user: User,
  job_id: string,
  candidate_ids: readonly string[],
): Promise<Refusal[]> {
  const rows = await db.execute<{ candidate_id: string }>(
    sql`
    with before as (
      select c.candidate_id, c.decision from ${aiCandidates} c where ${ownCandidates(user, job_id, candidate_ids)}
    ), rejected as (
      update ${aiCandidates} c set decision = 'rejected', decided_at = now()
      from before where c.candidate_id = before.candidate_id and c.decision = 'proposed'
      returning c.candidate_id
    )
    select candidate_id from rejected union select candidate_id from before where decision = 'rejected'`.inlineParams(),
  )
  return missing(candidate_ids, rows)
}

/**
 * Lets candidates wait again that the person has accepted or rejected, `was` it. The card of one goes: if nobody has
 * answered or changed it, for good; else into the trash, and the candidate takes over what the card says by now. Refused
 * are those that somebody has decided otherwise since, and those whose card is in a deck that is not the person's to
 * change any more.
 */
export async function proposeAgain(
  db: Database,
  user: Author,
  job_id: string,
  chosen: readonly CandidateCard[],
  was: Verdict,
): Promise<Refusal[]> {
  const ids = chosen.map(({ candidate_id }) => candidate_id)
  const rows = await db.execute<{ candidate_id: string }>(
    sql`
    with given as (
      select * from jsonb_to_recordset(${inlineJson(chosen)}) as given (candidate_id uuid, card_id uuid)
    ), before as (
      select c.candidate_id, c.card_id, c.decision, given.card_id as wanted
      from ${aiCandidates} c join given on given.candidate_id = c.candidate_id
      where ${ownCandidates(user, job_id, ids)}
      for no key update of c
    ), found as (
      select before.candidate_id, had.* from before
      left join lateral (${takenBack(user, job_id, sql`k.card_id = before.card_id and before.decision = 'accepted'`)}) had on true
      where decision = ${was} and (decision = 'rejected' or before.card_id = wanted)
    ), removed as (
      delete from ${cards} k using found
      where k.card_id = found.card_id and found.editable and found.live and not found.touched
    ), trashed as (
      update ${cards} k set deleted_at = now() from found
      where k.card_id = found.card_id and found.editable and found.live and found.touched
        and ${changedBy(user)}
    ), back as (
      update ${aiCandidates} c set decision = 'proposed', decided_at = null,
        card_id = case when (found.touched or not found.live) and found.at_home then found.card_id end,
        question = coalesce(found.question, c.question), answer = coalesce(found.answer, c.answer)
      from found
      where c.candidate_id = found.candidate_id and (found.card_id is null or found.editable or not found.live)
      returning c.candidate_id
    )
    select candidate_id from back union select candidate_id from before where decision = 'proposed'`.inlineParams(),
  )
  return missing(ids, rows)
}

/** A card that was taken back with its job. */
export interface TakenBack extends Record<string, unknown> {
  card_id: string
  question: string
  answer: string
  /** Somebody had answered it. */
  answered: boolean
}

/**
 * Takes the cards of a job back: they go to the trash, and the accepted candidates wait again, with what their cards say
 * by now. Cards in decks that are not the person's to change any more are `kept`, and so are those decisions.
 */
export async function takeBackJob(
  db: Database,
  user: Author,
  job_id: string,
): Promise<{ taken: TakenBack[]; kept: number }> {
  const rows = await db.execute<TakenBack & { editable: boolean }>(
    sql`
    with found as (${takenBack(
      user,
      job_id,
      sql`k.job_id = ${job_id} and exists (
        select from ${aiJobs} j where j.job_id = ${job_id} and j.user_id = ${user.user_id})`,
    )})
    , trashed as (
      update ${cards} k set deleted_at = now() from found
      where k.card_id = found.card_id and found.editable and found.live and ${changedBy(user)}
      returning k.card_id
    ), back as (
      update ${aiCandidates} c set decision = 'proposed', decided_at = null,
        card_id = case when found.at_home then found.card_id end, question = found.question, answer = found.answer
      from found
      where c.card_id = found.card_id and c.decision = 'accepted' and (found.editable or not found.live)
    ), without_card as (
      update ${aiCandidates} c set decision = 'proposed', decided_at = null
      where c.job_id = ${job_id} and c.card_id is null and c.decision = 'accepted' and exists (
        select from ${aiJobs} j where j.job_id = ${job_id} and j.user_id = ${user.user_id})
    )
    select found.card_id, question, answer, answered, editable from found
    where live and (not editable or card_id in (select card_id from trashed))
    order by position, card_id`.inlineParams(),
  )
  return {
    taken: rows.filter(({ editable }) => editable).map(({ editable: _, ...card }) => card),
    kept: rows.filter(({ editable }) => !editable).length,
  }
}

/**
 * Writes a candidate that waits down as it is given, all that a person or a model can change of it. Throws usage for
 * texts that no card can have, and conflict when it was decided elsewhere.
 */
export async function rewrite(db: Database, user: User, job_id: string, candidate: Candidate): Promise<void> {
  checkText('question', candidate.question)
  checkText('answer', candidate.answer)
  const [changed] = await db.execute(
    sql`
    update ${aiCandidates} c set question = given.question, answer = given.answer, quote = given.quote, page = given.page,
      grounding = given.grounding, flags = given.flags, duplicate_of = given.duplicate_of
    from jsonb_to_record(${inlineJson(candidate)}) as given (question text, answer text, quote text, page int,
      grounding text, flags text[], duplicate_of text)
    where c.decision = 'proposed' and ${ownCandidates(user, job_id, [candidate.candidate_id])}
    returning c.candidate_id`.inlineParams(),
  )
  if (!changed) throw new CliError('conflict', 'This candidate was decided elsewhere meanwhile.')
}

/** The candidates with these ids, if the job is the person's. The statement calls the table `c`. */
function ownCandidates({ user_id }: User, job_id: string, candidate_ids: readonly string[]): SQL {
  return sql`c.job_id = ${job_id} and c.candidate_id = any(${uuids(candidate_ids)})
    and exists (select from ${aiJobs} j where j.job_id = c.job_id and j.user_id = ${user_id})`
}

/**
 * Cards to be taken back, locked, and what is to be known of them. `touched`: somebody has answered, changed or held it,
 * or others can see it, who may be about to; `at_home`: it is in the deck of its job.
 */
function takenBack(user: User, job_id: string, which: SQL): SQL {
  return sql`
      select k.card_id, k.question, k.answer, k.position, k.deleted_at is null as live, ${editableBy(user)} as editable,
        k.deck_id = (select j.deck_id from ${aiJobs} j where j.job_id = ${job_id}) as at_home, had.answered,
        had.answered or k.updated_at <> k.created_at or decks.is_shared
          or exists (select from ${cardSchedules} s where s.card_id = k.card_id)
          or exists (select from ${cardImages} i where i.card_id = k.card_id) as touched
      from ${cards} k join ${decks} on decks.deck_id = k.deck_id
      cross join lateral (
        select exists (select from ${revisionAttempts} a where a.card_id = k.card_id) as answered) had
      where ${which}
      for no key update of k`
}

/** Those of which nothing came back. */
function missing(asked: readonly string[], rows: readonly { candidate_id: string }[]): Refusal[] {
  const there = new Set(rows.map(({ candidate_id }) => candidate_id))
  return asked
    .filter((candidate_id) => !there.has(candidate_id))
    .map((candidate_id) => ({ candidate_id, why: 'elsewhere' }))
}
