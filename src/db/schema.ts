import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'
import { DIFFICULTY_LEVELS, DIRECTIONS, GRADES } from '../core/card.ts'
import { DECISIONS, type DropReason, type Flag, GROUNDINGS } from '../core/generate/candidate.ts'
import {
  JOB_OUTCOMES,
  JOB_STATUSES,
  type JobOptions,
  SECTION_STATUSES,
  SOURCE_TYPES,
  type SourceNote,
} from '../core/generate/job.ts'
import { SCHEDULE_STATES } from '../core/schedule.ts'

// docs/data-model.md says what each table means. `updated_at` and `is_shared` are kept by triggers, written by hand
// in drizzle/0001_triggers.sql because Drizzle has no words for them.

const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })
const createdAt = () => instant('created_at').notNull().defaultNow()
const updatedAt = () => instant('updated_at').notNull().defaultNow()
const oneOf = (name: string, column: AnyPgColumn, values: readonly string[]) =>
  check(name, sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`)

export const users = pgTable(
  'users',
  {
    user_id: uuid().primaryKey().defaultRandom(),
    username: varchar({ length: 50 }).notNull(),
    email: varchar({ length: 100 }),
    password_hash: text(),
    full_name: varchar({ length: 100 }),
    created_at: createdAt(),
    updated_at: updatedAt(),
  },
  (t) => [
    uniqueIndex('users_username_key').on(sql`lower(${t.username})`),
    uniqueIndex('users_email_key').on(sql`lower(${t.email})`),
    // `owner/deck` is cut at the first slash
    check('users_username_check', sql`btrim(${t.username}) <> '' and strpos(${t.username}, '/') = 0`),
  ],
)

export const logins = pgTable(
  'logins',
  {
    login_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    token_hash: text().notNull(),
    created_at: createdAt(),
    expires_at: instant('expires_at').notNull(),
  },
  (t) => [
    foreignKey({
      name: 'logins_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    unique('logins_token_hash_key').on(t.token_hash),
    index('logins_user_id_idx').on(t.user_id),
  ],
)

// of a name and not of a user: names that nobody has are locked like others
export const loginTries = pgTable(
  'login_tries',
  {
    name_hash: text().notNull(),
    tries: integer().notNull().default(1),
    tried_at: instant('tried_at').notNull().defaultNow(),
    locked_until: instant('locked_until'),
  },
  (t) => [primaryKey({ name: 'login_tries_pkey', columns: [t.name_hash] })],
)

export const decks = pgTable(
  'decks',
  {
    deck_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    name: varchar({ length: 100 }).notNull(),
    description: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    is_shared: boolean().notNull().default(false),
    deleted_at: instant('deleted_at'),
  },
  (t) => [
    foreignKey({
      name: 'decks_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    uniqueIndex('decks_user_id_name_key').on(t.user_id, t.name).where(sql`${t.deleted_at} is null`),
    index('decks_user_id_idx').on(t.user_id),
    // what deck_shares refers to, so that its owner_id cannot be anybody but the deck's owner
    unique('decks_deck_id_user_id_key').on(t.deck_id, t.user_id),
    check('decks_name_check', sql`btrim(${t.name}) <> ''`),
  ],
)

export const imports = pgTable(
  'imports',
  {
    import_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    deck_id: uuid().notNull(),
    source: text().notNull(),
    format: varchar({ length: 20 }).notNull(),
    added: integer().notNull().default(0),
    updated: integer().notNull().default(0),
    unchanged: integer().notNull().default(0),
    skipped: integer().notNull().default(0),
    created_at: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'imports_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'imports_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    index('imports_user_id_idx').on(t.user_id),
    index('imports_deck_id_idx').on(t.deck_id),
  ],
)

export const aiJobs = pgTable(
  'ai_jobs',
  {
    job_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    deck_id: uuid(),
    source_type: varchar({ length: 20, enum: SOURCE_TYPES }).notNull(),
    source_url: text(),
    source_title: text(),
    source_pages: integer(),
    source_notes: jsonb().$type<SourceNote[]>().notNull().default([]),
    status: varchar({ length: 20, enum: JOB_STATUSES }).notNull().default('pending'),
    outcome: varchar({ length: 20, enum: JOB_OUTCOMES }),
    fingerprint: text(),
    options: jsonb().$type<JobOptions>().notNull().default({}),
    prompt_version: integer().notNull().default(1),
    base_url: text(),
    model: text(),
    run_after: instant('run_after'),
    error_code: text(),
    error_message: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    finished_at: instant('finished_at'),
  },
  (t) => [
    foreignKey({
      name: 'ai_jobs_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'ai_jobs_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('set null'),
    index('ai_jobs_user_id_idx').on(t.user_id),
    index('ai_jobs_deck_id_idx').on(t.deck_id),
    // one source is worked on once at a time, whoever starts it again
    uniqueIndex('ai_jobs_user_id_fingerprint_key')
      .on(t.user_id, t.fingerprint)
      .where(sql`${t.status} in ('pending', 'processing')`),
    oneOf('ai_jobs_source_type_check', t.source_type, SOURCE_TYPES),
    oneOf('ai_jobs_status_check', t.status, JOB_STATUSES),
    oneOf('ai_jobs_outcome_check', t.outcome, JOB_OUTCOMES),
  ],
)

export const aiJobSections = pgTable(
  'ai_job_sections',
  {
    job_id: uuid().notNull(),
    section: integer().notNull(),
    heading: text(),
    page_from: integer(),
    page_to: integer(),
    text: text(),
    tokens: integer().notNull(),
    quota: integer().notNull(),
    status: varchar({ length: 20, enum: SECTION_STATUSES }).notNull().default('pending'),
    attempts: integer().notNull().default(0),
    lease_token: uuid(),
    lease_until: instant('lease_until'),
    worker: text(),
    requests: integer().notNull().default(0),
    usage_missing: integer().notNull().default(0),
    prompt_tokens: integer().notNull().default(0),
    completion_tokens: integer().notNull().default(0),
    dropped: jsonb().$type<Partial<Record<DropReason, number>>>().notNull().default({}),
    error_code: text(),
    error_message: text(),
    reply: text(),
  },
  (t) => [
    primaryKey({ name: 'ai_job_sections_pkey', columns: [t.job_id, t.section] }),
    foreignKey({
      name: 'ai_job_sections_job_id_fkey',
      columns: [t.job_id],
      foreignColumns: [aiJobs.job_id],
    }).onDelete('cascade'),
    index('ai_job_sections_pending_idx').on(t.job_id, t.section).where(sql`${t.status} = 'pending'`),
    oneOf('ai_job_sections_status_check', t.status, SECTION_STATUSES),
    check('ai_job_sections_lease_token_check', sql`(${t.lease_token} is null) = (${t.lease_until} is null)`),
  ],
)

export const cards = pgTable(
  'cards',
  {
    card_id: uuid().primaryKey().defaultRandom(),
    deck_id: uuid().notNull(),
    question: text().notNull(),
    answer: text().notNull(),
    difficulty_level: varchar({ length: 20, enum: DIFFICULTY_LEVELS }),
    confidence_status: varchar({ length: 20, enum: GRADES }),
    tags: text().array().notNull().default([]),
    accepted_answers: text().array().notNull().default([]),
    external_id: text(),
    position: bigint({ mode: 'number' })
      .notNull()
      .generatedByDefaultAsIdentity({ name: 'cards_position_seq' }),
    note_id: uuid(),
    reversible: boolean().notNull().default(false),
    unseen: boolean().notNull().default(true),
    import_id: uuid(),
    job_id: uuid(),
    source_page: integer(),
    source_quote: text(),
    created_at: createdAt(),
    updated_at: updatedAt(),
    deleted_at: instant('deleted_at'),
  },
  (t) => [
    foreignKey({
      name: 'cards_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'cards_import_id_fkey',
      columns: [t.import_id],
      foreignColumns: [imports.import_id],
    }).onDelete('set null'),
    foreignKey({ name: 'cards_job_id_fkey', columns: [t.job_id], foreignColumns: [aiJobs.job_id] }).onDelete(
      'set null',
    ),
    // the order of a deck, and its pages
    index('cards_deck_id_position_idx').on(t.deck_id, t.position, t.card_id),
    // the next new cards of a deck, without a look at all those seen before
    index('cards_deck_id_unseen_idx')
      .on(t.deck_id, t.position)
      .where(sql`${t.unseen} and ${t.deleted_at} is null`),
    index('cards_deck_id_reversible_idx').on(t.deck_id).where(sql`${t.reversible}`),
    index('cards_note_id_idx').on(t.note_id).where(sql`${t.note_id} is not null`),
    uniqueIndex('cards_deck_id_external_id_key')
      .on(t.deck_id, t.external_id)
      .where(sql`${t.external_id} is not null and ${t.deleted_at} is null`),
    // "the same question in the same deck"; the text itself can be longer than an index row may be
    index('cards_deck_id_question_idx').on(t.deck_id, sql`hashtextextended(${t.question}, 0)`),
    // the trash
    index('cards_deck_id_deleted_at_idx').on(t.deck_id, t.deleted_at).where(sql`${t.deleted_at} is not null`),
    index('cards_import_id_idx').on(t.import_id).where(sql`${t.import_id} is not null`),
    index('cards_job_id_idx').on(t.job_id).where(sql`${t.job_id} is not null`),
    check('cards_question_check', sql`btrim(${t.question}) <> ''`),
    check('cards_answer_check', sql`btrim(${t.answer}) <> ''`),
    oneOf('cards_difficulty_level_check', t.difficulty_level, DIFFICULTY_LEVELS),
    oneOf('cards_confidence_status_check', t.confidence_status, GRADES),
  ],
)

export const aiCandidates = pgTable(
  'ai_candidates',
  {
    candidate_id: uuid().primaryKey().defaultRandom(),
    job_id: uuid().notNull(),
    section: integer().notNull(),
    position: integer().notNull(),
    question: text().notNull(),
    answer: text().notNull(),
    quote: text(),
    page: integer(),
    grounding: varchar({ length: 20, enum: GROUNDINGS }).notNull(),
    flags: text().array().$type<Flag[]>().notNull().default([]),
    duplicate_of: text(),
    decision: varchar({ length: 20, enum: DECISIONS }).notNull().default('proposed'),
    decided_at: instant('decided_at'),
    card_id: uuid(),
    created_at: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'ai_candidates_job_id_section_fkey',
      columns: [t.job_id, t.section],
      foreignColumns: [aiJobSections.job_id, aiJobSections.section],
    }).onDelete('cascade'),
    foreignKey({
      name: 'ai_candidates_card_id_fkey',
      columns: [t.card_id],
      foreignColumns: [cards.card_id],
    }).onDelete('set null'),
    unique('ai_candidates_job_id_section_position_key').on(t.job_id, t.section, t.position),
    index('ai_candidates_card_id_idx').on(t.card_id).where(sql`${t.card_id} is not null`),
    oneOf('ai_candidates_grounding_check', t.grounding, GROUNDINGS),
    oneOf('ai_candidates_decision_check', t.decision, DECISIONS),
  ],
)

export const cardImages = pgTable(
  'card_images',
  {
    image_id: uuid().primaryKey().defaultRandom(),
    card_id: uuid().notNull(),
    image_url: text().notNull(),
    side: varchar({ length: 20 }).notNull().default('question'),
    alt: text(),
    position: integer().notNull().default(0),
    created_at: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'card_images_card_id_fkey',
      columns: [t.card_id],
      foreignColumns: [cards.card_id],
    }).onDelete('cascade'),
    index('card_images_card_id_idx').on(t.card_id),
    oneOf('card_images_side_check', t.side, ['question', 'answer']),
  ],
)

export const playlists = pgTable(
  'playlists',
  {
    playlist_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    name: varchar({ length: 100 }).notNull(),
    description: text(),
    created_at: createdAt(),
    deleted_at: instant('deleted_at'),
  },
  (t) => [
    foreignKey({
      name: 'playlists_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    uniqueIndex('playlists_user_id_name_key').on(t.user_id, t.name).where(sql`${t.deleted_at} is null`),
    index('playlists_user_id_idx').on(t.user_id),
    check('playlists_name_check', sql`btrim(${t.name}) <> ''`),
  ],
)

export const playlistDecks = pgTable(
  'playlist_decks',
  {
    playlist_deck_id: uuid().primaryKey().defaultRandom(),
    playlist_id: uuid().notNull(),
    deck_id: uuid().notNull(),
    position: integer().notNull().default(0),
  },
  (t) => [
    foreignKey({
      name: 'playlist_decks_playlist_id_fkey',
      columns: [t.playlist_id],
      foreignColumns: [playlists.playlist_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'playlist_decks_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    unique('playlist_decks_playlist_id_deck_id_key').on(t.playlist_id, t.deck_id),
    index('playlist_decks_deck_id_idx').on(t.deck_id),
  ],
)

export const STUDY_MODES = ['study', 'cram', 'exam', 'script'] as const

export const sittings = pgTable(
  'sittings',
  {
    sitting_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    mode: varchar({ length: 20, enum: STUDY_MODES }).notNull(),
    selection: jsonb().notNull(),
    queue: jsonb().notNull(),
    host: text(),
    pid: integer(),
    started_at: instant('started_at').notNull().defaultNow(),
    ended_at: instant('ended_at'),
  },
  (t) => [
    foreignKey({
      name: 'sittings_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    index('sittings_user_id_started_at_idx').on(t.user_id, t.started_at),
    oneOf('sittings_mode_check', t.mode, STUDY_MODES),
    check('sittings_ended_at_check', sql`${t.ended_at} >= ${t.started_at}`),
  ],
)

export const revisionSessions = pgTable(
  'revision_sessions',
  {
    session_id: uuid().primaryKey().defaultRandom(),
    user_id: uuid().notNull(),
    deck_id: uuid().notNull(),
    playlist_id: uuid(),
    sitting_id: uuid(),
    started_at: instant('started_at').notNull().defaultNow(),
    ended_at: instant('ended_at'),
  },
  (t) => [
    foreignKey({
      name: 'revision_sessions_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'revision_sessions_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'revision_sessions_playlist_id_fkey',
      columns: [t.playlist_id],
      foreignColumns: [playlists.playlist_id],
    }).onDelete('set null'),
    foreignKey({
      name: 'revision_sessions_sitting_id_fkey',
      columns: [t.sitting_id],
      foreignColumns: [sittings.sitting_id],
    }).onDelete('set null'),
    index('revision_sessions_user_id_started_at_idx').on(t.user_id, t.started_at),
    index('revision_sessions_deck_id_idx').on(t.deck_id),
    index('revision_sessions_playlist_id_idx').on(t.playlist_id).where(sql`${t.playlist_id} is not null`),
    index('revision_sessions_sitting_id_idx').on(t.sitting_id).where(sql`${t.sitting_id} is not null`),
    check('revision_sessions_ended_at_check', sql`${t.ended_at} >= ${t.started_at}`),
  ],
)

export const revisionAttempts = pgTable(
  'revision_attempts',
  {
    attempt_id: uuid().primaryKey().defaultRandom(),
    session_id: uuid().notNull(),
    card_id: uuid().notNull(),
    user_answer: text(),
    confidence_status: varchar({ length: 20, enum: GRADES }).notNull(),
    attempted_at: instant('attempted_at').notNull().defaultNow(),
    duration_ms: integer(),
    time_zone: text(),
    study_date: date().notNull(),
    direction: varchar({ length: 20, enum: DIRECTIONS }).notNull().default('forward'),
    state: varchar({ length: 20, enum: SCHEDULE_STATES }),
    scheduled: boolean().notNull().default(true),
    desired_retention: doublePrecision(),
  },
  (t) => [
    foreignKey({
      name: 'revision_attempts_session_id_fkey',
      columns: [t.session_id],
      foreignColumns: [revisionSessions.session_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'revision_attempts_card_id_fkey',
      columns: [t.card_id],
      foreignColumns: [cards.card_id],
    }).onDelete('cascade'),
    index('revision_attempts_session_id_attempted_at_idx').on(t.session_id, t.attempted_at),
    index('revision_attempts_card_id_attempted_at_idx').on(t.card_id, t.attempted_at),
    oneOf('revision_attempts_confidence_status_check', t.confidence_status, GRADES),
    oneOf('revision_attempts_direction_check', t.direction, DIRECTIONS),
    oneOf('revision_attempts_state_check', t.state, SCHEDULE_STATES),
    check(
      'revision_attempts_desired_retention_check',
      sql`${t.desired_retention} > 0 and ${t.desired_retention} <= 1`,
    ),
    check('revision_attempts_duration_ms_check', sql`${t.duration_ms} >= 0`),
  ],
)

/** What somebody may do with a deck that is shared with them. */
export const PERMISSIONS = ['view', 'edit'] as const

export const deckShares = pgTable(
  'deck_shares',
  {
    share_id: uuid().primaryKey().defaultRandom(),
    deck_id: uuid().notNull(),
    owner_id: uuid().notNull(),
    shared_with_id: uuid().notNull(),
    permission: varchar({ length: 20, enum: PERMISSIONS }).notNull(),
    created_at: createdAt(),
  },
  (t) => [
    foreignKey({
      name: 'deck_shares_deck_id_owner_id_fkey',
      columns: [t.deck_id, t.owner_id],
      foreignColumns: [decks.deck_id, decks.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'deck_shares_owner_id_fkey',
      columns: [t.owner_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'deck_shares_shared_with_id_fkey',
      columns: [t.shared_with_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    unique('deck_shares_deck_id_shared_with_id_key').on(t.deck_id, t.shared_with_id),
    index('deck_shares_owner_id_idx').on(t.owner_id),
    index('deck_shares_shared_with_id_idx').on(t.shared_with_id),
    oneOf('deck_shares_permission_check', t.permission, PERMISSIONS),
    check('deck_shares_shared_with_id_check', sql`${t.shared_with_id} <> ${t.owner_id}`),
  ],
)

export const cardSchedules = pgTable(
  'card_schedules',
  {
    user_id: uuid().notNull(),
    card_id: uuid().notNull(),
    direction: varchar({ length: 20, enum: DIRECTIONS }).notNull().default('forward'),
    due: instant('due').notNull(),
    stability: doublePrecision().notNull(),
    difficulty: doublePrecision().notNull(),
    state: varchar({ length: 20, enum: SCHEDULE_STATES }).notNull(),
    learning_steps: smallint().notNull().default(0),
    reps: integer().notNull().default(0),
    lapses: integer().notNull().default(0),
    first_review: instant('first_review'),
    last_review: instant('last_review'),
    suspended_at: instant('suspended_at'),
    buried_until: instant('buried_until'),
  },
  (t) => [
    primaryKey({ name: 'card_schedules_pkey', columns: [t.user_id, t.card_id, t.direction] }),
    foreignKey({
      name: 'card_schedules_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'card_schedules_card_id_fkey',
      columns: [t.card_id],
      foreignColumns: [cards.card_id],
    }).onDelete('cascade'),
    index('card_schedules_card_id_idx').on(t.card_id),
    // what is due, with all that its count needs, so that no row has to be read for it
    index('card_schedules_user_id_due_idx')
      .on(t.user_id, t.due, t.card_id, t.direction, t.last_review, t.suspended_at, t.buried_until)
      .where(sql`${t.state} <> 'new'`),
    // how many new cards were begun today
    index('card_schedules_user_id_first_review_idx').on(t.user_id, t.first_review),
    // what was asked today, for the siblings that are not
    index('card_schedules_user_id_last_review_idx').on(t.user_id, t.last_review),
    oneOf('card_schedules_state_check', t.state, SCHEDULE_STATES),
    oneOf('card_schedules_direction_check', t.direction, DIRECTIONS),
    // new: never answered, and here only because it is suspended or buried
    check(
      'card_schedules_last_review_check',
      sql`(${t.state} = 'new') = (${t.last_review} is null) and (${t.state} = 'new') = (${t.first_review} is null)`,
    ),
  ],
)

export const userSettings = pgTable(
  'user_settings',
  {
    user_id: uuid().primaryKey(),
    desired_retention: doublePrecision().notNull().default(0.9),
    new_per_day: integer().notNull().default(20),
    day_start: smallint().notNull().default(4),
    time_zone: text(),
    weights: doublePrecision().array(),
    keys: jsonb().$type<Record<string, string[]>>(),
    updated_at: updatedAt(),
  },
  (t) => [
    foreignKey({
      name: 'user_settings_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    check('user_settings_desired_retention_check', sql`${t.desired_retention} between 0.7 and 0.99`),
    check('user_settings_new_per_day_check', sql`${t.new_per_day} between 0 and 9999`),
    check('user_settings_day_start_check', sql`${t.day_start} between 0 and 23`),
    check('user_settings_weights_check', sql`cardinality(${t.weights}) = 21`),
  ],
)

export const deckSettings = pgTable(
  'deck_settings',
  {
    user_id: uuid().notNull(),
    deck_id: uuid().notNull(),
    desired_retention: doublePrecision(),
    typed: boolean(),
    updated_at: updatedAt(),
  },
  (t) => [
    primaryKey({ name: 'deck_settings_pkey', columns: [t.user_id, t.deck_id] }),
    foreignKey({
      name: 'deck_settings_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'deck_settings_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    index('deck_settings_deck_id_idx').on(t.deck_id),
    check('deck_settings_desired_retention_check', sql`${t.desired_retention} between 0.7 and 0.99`),
  ],
)

/** What of the changes of a database is written down, row by row. */
export const CHANGED_TABLES = [
  'decks',
  'cards',
  'card_images',
  'card_schedules',
  'playlists',
  'playlist_decks',
  'deck_shares',
  'imports',
] as const
export const OPERATIONS = ['insert', 'update', 'delete'] as const

// written by the trigger log_change, and by nobody else: see drizzle/0008_change_triggers.sql
export const changes = pgTable(
  'changes',
  {
    change_id: uuid().primaryKey(),
    position: bigint({ mode: 'number' })
      .notNull()
      .generatedByDefaultAsIdentity({ name: 'changes_position_seq' }),
    user_id: uuid(),
    command: varchar({ length: 50 }),
    changed_at: instant('changed_at').notNull().defaultNow(),
    undoes: uuid(),
    undone_at: instant('undone_at'),
  },
  (t) => [
    foreignKey({
      name: 'changes_user_id_fkey',
      columns: [t.user_id],
      foreignColumns: [users.user_id],
    }).onDelete('set null'),
    foreignKey({
      name: 'changes_undoes_fkey',
      columns: [t.undoes],
      foreignColumns: [t.change_id],
    }).onDelete('set null'),
    // a person's latest change
    index('changes_user_id_position_idx').on(t.user_id, t.position),
    index('changes_undoes_idx').on(t.undoes).where(sql`${t.undoes} is not null`),
  ],
)

export const changedRows = pgTable(
  'changed_rows',
  {
    changed_row_id: bigint({ mode: 'number' })
      .primaryKey()
      .generatedByDefaultAsIdentity({ name: 'changed_rows_changed_row_id_seq' }),
    change_id: uuid().notNull(),
    table_name: varchar({ length: 20, enum: CHANGED_TABLES }).notNull(),
    row_id: uuid().notNull(),
    operation: varchar({ length: 20, enum: OPERATIONS }).notNull(),
    deck_id: uuid(),
    card_id: uuid(),
    playlist_id: uuid(),
    before: jsonb().$type<Record<string, unknown>>(),
    after: jsonb().$type<Record<string, unknown>>(),
  },
  (t) => [
    foreignKey({
      name: 'changed_rows_change_id_fkey',
      columns: [t.change_id],
      foreignColumns: [changes.change_id],
    }).onDelete('cascade'),
    // what has left the trash for good takes its past along
    foreignKey({
      name: 'changed_rows_deck_id_fkey',
      columns: [t.deck_id],
      foreignColumns: [decks.deck_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'changed_rows_card_id_fkey',
      columns: [t.card_id],
      foreignColumns: [cards.card_id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'changed_rows_playlist_id_fkey',
      columns: [t.playlist_id],
      foreignColumns: [playlists.playlist_id],
    }).onDelete('cascade'),
    index('changed_rows_change_id_idx').on(t.change_id),
    index('changed_rows_deck_id_idx').on(t.deck_id).where(sql`${t.deck_id} is not null`),
    index('changed_rows_card_id_idx').on(t.card_id).where(sql`${t.card_id} is not null`),
    index('changed_rows_playlist_id_idx').on(t.playlist_id).where(sql`${t.playlist_id} is not null`),
    oneOf('changed_rows_table_name_check', t.table_name, CHANGED_TABLES),
    oneOf('changed_rows_operation_check', t.operation, OPERATIONS),
  ],
)
