import { LEFT_OUT } from '../../src/backup/tables.ts'
import { sql } from './database.ts'

/** The names of all tables that commands write. */
export async function tableNames(): Promise<string[]> {
  const found = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'rote_migrations' order by 1`
  return found.map(({ name }) => name)
}

/** Every row of every table that a backup has, as PostgreSQL writes it: floats to the last digit, times to the microsecond. */
export async function everything(): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {}
  for (const name of await tableNames()) {
    if (name in LEFT_OUT) continue
    const rows = await sql`select t::text as row from ${sql(name)} t order by 1`
    tables[name] = rows.map(({ row }) => row)
  }
  return tables
}

const ODD = 'tab\t "quotes" \\back\\ {curly},comma\nline\r\u2028 \u0001 Ω 👩‍👩‍👧 NULL null'

/**
 * Fills every table, with what is hard to carry: odd text, empty and full lists, NULL in a list, a JSON null beside no JSON,
 * numbers of many digits, instants to the microsecond. Ada has a deck that bert may see, bert one that she has studied.
 */
export async function fillEverything(): Promise<void> {
  const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  const [ada, bert, hers, his, gone, job, sitting, list] = [1, 2, 3, 4, 5, 6, 7, 8].map(id) as string[] &
    Record<0 | 1 | 2 | 3 | 4 | 5 | 6 | 7, string>
  const [old, older] = ['2001-02-03 04:05:06.123456+00', '1999-12-31 23:59:59.999999+00']
  await sql`insert into users (user_id, username, email, password_hash, full_name, created_at, updated_at) values
    (${ada}, 'ada', 'ada@example.org', null, ${ODD}, ${older}, ${old}), (${bert}, 'bert', null, null, null, ${older}, ${older})`
  await sql`insert into decks (deck_id, user_id, name, description, created_at, updated_at, deleted_at) values
    (${hers}, ${ada}, 'Botany', ${ODD}, ${older}, ${old}, null), (${his}, ${bert}, 'Zoology', null, ${older}, ${old}, null),
    (${gone}, ${ada}, 'Botany', '', ${older}, ${old}, ${old})`
  await sql`insert into imports (import_id, user_id, deck_id, source, format, added) values
    (${id(10)}, ${ada}, ${hers}, '-', 'csv', 2), (${id(11)}, ${bert}, ${hers}, 'b.csv', 'csv', 1)`
  await sql`insert into ai_jobs (job_id, user_id, deck_id, source_type, source_notes, status, options, run_after, updated_at) values
    (${job}, ${ada}, ${his}, 'pdf', ${sql.json([{ kind: 'x' }])}, 'processing', ${sql.json({ tags: [ODD.replace('\u0001', '')] })}, ${old}, ${older}),
    (${id(60)}, ${bert}, ${hers}, 'text', '[]', 'done', '{}', null, ${older})`
  await sql`insert into ai_job_sections (job_id, section, text, tokens, quota, dropped) values
    (${job}, 0, ${ODD}, 1, 2, '{"a": 12345678901234567890.000123}'), (${id(60)}, 0, null, 1, 1, '{}')`
  await sql`insert into cards (card_id, deck_id, question, answer, tags, accepted_answers, external_id, position, note_id, import_id, job_id,
      source_page, created_at, updated_at, deleted_at, unseen) values
    (${id(20)}, ${hers}, ${ODD}, 'Rosa', ${['a b', '', '"', ODD]}::text[], '{NULL,null,"NULL"}', 'k', 9007199254740993, ${id(99)}, ${id(10)}, ${id(60)}, 7, ${older}, ${old}, null, true),
    (${id(21)}, ${hers}, 'two', 'Bellis', '{}', '{}', null, -5, null, ${id(11)}, null, null, ${older}, ${old}, ${old}, true),
    (${id(22)}, ${his}, 'cat', 'Felis', '{}', '{}', null, 3, null, null, ${job}, null, ${older}, ${old}, null, true)`
  await sql`insert into ai_candidates (candidate_id, job_id, section, position, question, answer, grounding, flags, card_id, decision) values
    (${id(30)}, ${job}, 0, 0, 'q', 'a', 'verified', '{}', ${id(22)}, 'accepted'), (${id(31)}, ${id(60)}, 0, 0, 'q', 'a', 'close', '{short}', null, 'proposed')`
  await sql`insert into card_images (image_id, card_id, image_url, alt) values (${id(40)}, ${id(20)}, 'https://example.org/a.png', ${ODD})`
  await sql`insert into playlists (playlist_id, user_id, name) values (${list}, ${ada}, 'Monday')`
  await sql`insert into playlist_decks (playlist_deck_id, playlist_id, deck_id, position) values (${id(41)}, ${list}, ${hers}, 0), (${id(42)}, ${list}, ${his}, 1)`
  await sql`insert into sittings (sitting_id, user_id, mode, selection, queue, host, pid, started_at) values
    (${sitting}, ${ada}, 'study', 'null', '[{"n": 1e300}]', 'here', 12, ${old})`
  await sql`insert into revision_sessions (session_id, user_id, deck_id, playlist_id, sitting_id, started_at, ended_at) values
    (${id(50)}, ${ada}, ${hers}, ${list}, ${sitting}, ${older}, ${old}), (${id(51)}, ${ada}, ${his}, null, null, ${older}, null),
    (${id(52)}, ${bert}, ${hers}, null, null, ${older}, null)`
  await sql`insert into revision_attempts (attempt_id, session_id, card_id, user_answer, confidence_status, attempted_at, study_date, desired_retention) values
    (${id(53)}, ${id(50)}, ${id(20)}, ${ODD}, 'again', ${old}, '2001-02-02', 0.1::float8 + 0.2), (${id(54)}, ${id(51)}, ${id(22)}, null, 'got_it', ${old}, '2001-02-03', null),
    (${id(55)}, ${id(52)}, ${id(20)}, null, 'almost', ${old}, '2001-02-03', 1)`
  await sql`insert into deck_shares (share_id, deck_id, owner_id, shared_with_id, permission) values
    (${id(70)}, ${hers}, ${ada}, ${bert}, 'edit'), (${id(71)}, ${his}, ${bert}, ${ada}, 'view')`
  await sql`insert into card_schedules (user_id, card_id, due, stability, difficulty, state, first_review, last_review, suspended_at) values
    (${ada}, ${id(20)}, ${old}, 1e-7, 5.000000000000001, 'review', ${older}, ${old}, null), (${ada}, ${id(22)}, 'infinity', 1, 5, 'new', null, null, ${old}),
    (${bert}, ${id(20)}, ${old}, 3, 5, 'review', ${older}, ${old}, null)`
  await sql`insert into user_settings (user_id, weights, keys, updated_at) values
    (${ada}, ${Array.from({ length: 21 }, (_, i) => i / 7)}::float8[], 'null', ${old}), (${bert}, null, null, ${old})`
  await sql`insert into deck_settings (user_id, deck_id, typed, updated_at) values (${ada}, ${hers}, true, ${old}), (${ada}, ${his}, false, ${old})`
  // what the rows above came to is nobody's doing
  await sql`delete from changes`
  await sql`insert into changes (change_id, user_id, command, changed_at, undoes, undone_at) values
    (${id(80)}, ${ada}, 'card edit', ${older}, null, ${old}), (${id(81)}, ${ada}, 'undo', ${old}, ${id(80)}, null),
    (${id(82)}, ${bert}, 'card edit', ${older}, null, null), (${id(83)}, null, null, ${older}, null, null)`
  await sql`insert into changed_rows (change_id, table_name, row_id, operation, deck_id, card_id, playlist_id, before, after) values
    (${id(80)}, 'cards', ${id(20)}, 'update', ${hers}, ${id(20)}, null, ${sql.json({ question: ODD.replace('\u0001', '') })}, '{"tags": []}'),
    (${id(81)}, 'cards', ${id(22)}, 'update', ${his}, ${id(22)}, null, '{"question": "dog"}', '{"question": "cat"}'),
    (${id(82)}, 'cards', ${id(20)}, 'update', ${hers}, ${id(20)}, null, '{"answer": "x"}', 'null'),
    (${id(83)}, 'playlists', ${list}, 'insert', null, null, ${list}, null, null)`
  // the database has its own view of some: it is given what no trigger would say, so that one that ran would be seen
  for (const table of ['decks', 'cards']) {
    await sql.unsafe(`alter table ${table} disable trigger user`)
    await sql.unsafe(`update ${table} set updated_at = '${old}'`)
    await sql.unsafe(`alter table ${table} enable trigger user`)
  }
}
