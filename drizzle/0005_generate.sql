CREATE TABLE "ai_candidates" (
	"candidate_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"job_id" uuid NOT NULL,
	"section" integer NOT NULL,
	"position" integer NOT NULL,
	"question" text NOT NULL,
	"answer" text NOT NULL,
	"quote" text,
	"page" integer,
	"grounding" varchar(20) NOT NULL,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"duplicate_of" text,
	"decision" varchar(20) DEFAULT 'proposed' NOT NULL,
	"decided_at" timestamp with time zone,
	"card_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ai_candidates_job_id_section_position_key" UNIQUE("job_id","section","position"),
	CONSTRAINT "ai_candidates_grounding_check" CHECK ("ai_candidates"."grounding" in ('verified', 'close', 'unverified')),
	CONSTRAINT "ai_candidates_decision_check" CHECK ("ai_candidates"."decision" in ('proposed', 'accepted', 'rejected', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "ai_job_sections" (
	"job_id" uuid NOT NULL,
	"section" integer NOT NULL,
	"heading" text,
	"page_from" integer,
	"page_to" integer,
	"text" text,
	"tokens" integer NOT NULL,
	"quota" integer NOT NULL,
	"status" varchar(20) DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_token" uuid,
	"lease_until" timestamp with time zone,
	"worker" text,
	"requests" integer DEFAULT 0 NOT NULL,
	"usage_missing" integer DEFAULT 0 NOT NULL,
	"prompt_tokens" integer DEFAULT 0 NOT NULL,
	"completion_tokens" integer DEFAULT 0 NOT NULL,
	"dropped" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error_code" text,
	"error_message" text,
	"reply" text,
	CONSTRAINT "ai_job_sections_pkey" PRIMARY KEY("job_id","section"),
	CONSTRAINT "ai_job_sections_status_check" CHECK ("ai_job_sections"."status" in ('pending', 'done', 'failed', 'skipped')),
	CONSTRAINT "ai_job_sections_lease_token_check" CHECK (("ai_job_sections"."lease_token" is null) = ("ai_job_sections"."lease_until" is null))
);
--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "source_title" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "source_pages" integer;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "source_notes" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "outcome" varchar(20);--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "fingerprint" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "options" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "prompt_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "base_url" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "model" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "run_after" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "error_code" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "error_message" text;--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD COLUMN "finished_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "ai_candidates" ADD CONSTRAINT "ai_candidates_job_id_section_fkey" FOREIGN KEY ("job_id","section") REFERENCES "public"."ai_job_sections"("job_id","section") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_candidates" ADD CONSTRAINT "ai_candidates_card_id_fkey" FOREIGN KEY ("card_id") REFERENCES "public"."cards"("card_id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ai_job_sections" ADD CONSTRAINT "ai_job_sections_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "public"."ai_jobs"("job_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ai_candidates_card_id_idx" ON "ai_candidates" USING btree ("card_id") WHERE "ai_candidates"."card_id" is not null;--> statement-breakpoint
CREATE INDEX "ai_job_sections_pending_idx" ON "ai_job_sections" USING btree ("job_id","section") WHERE "ai_job_sections"."status" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "ai_jobs_user_id_fingerprint_key" ON "ai_jobs" USING btree ("user_id","fingerprint") WHERE "ai_jobs"."status" in ('pending', 'processing');--> statement-breakpoint
ALTER TABLE "ai_jobs" ADD CONSTRAINT "ai_jobs_outcome_check" CHECK ("ai_jobs"."outcome" in ('complete', 'partial', 'empty', 'cancelled'));