CREATE TABLE "deck_settings" (
	"user_id" uuid NOT NULL,
	"deck_id" uuid NOT NULL,
	"desired_retention" double precision,
	"typed" boolean,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deck_settings_pkey" PRIMARY KEY("user_id","deck_id"),
	CONSTRAINT "deck_settings_desired_retention_check" CHECK ("deck_settings"."desired_retention" between 0.7 and 0.99)
);
--> statement-breakpoint
CREATE TABLE "sittings" (
	"sitting_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"mode" varchar(20) NOT NULL,
	"selection" jsonb NOT NULL,
	"queue" jsonb NOT NULL,
	"host" text,
	"pid" integer,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "sittings_mode_check" CHECK ("sittings"."mode" in ('study', 'cram', 'exam', 'script')),
	CONSTRAINT "sittings_ended_at_check" CHECK ("sittings"."ended_at" >= "sittings"."started_at")
);
--> statement-breakpoint
DROP INDEX "revision_attempts_session_id_idx";--> statement-breakpoint
DROP INDEX "cards_deck_id_position_idx";--> statement-breakpoint
ALTER TABLE "card_schedules" ALTER COLUMN "first_review" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "card_schedules" ALTER COLUMN "last_review" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "card_schedules" ADD COLUMN "direction" varchar(20) DEFAULT 'forward' NOT NULL;--> statement-breakpoint
ALTER TABLE "cards" ADD COLUMN "note_id" uuid;--> statement-breakpoint
ALTER TABLE "cards" ADD COLUMN "reversible" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "cards" ADD COLUMN "unseen" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD COLUMN "study_date" date;--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD COLUMN "direction" varchar(20) DEFAULT 'forward' NOT NULL;--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD COLUMN "state" varchar(20);--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD COLUMN "scheduled" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD COLUMN "desired_retention" double precision;--> statement-breakpoint
ALTER TABLE "revision_sessions" ADD COLUMN "sitting_id" uuid;--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "weights" double precision[];--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "keys" jsonb;--> statement-breakpoint
ALTER TABLE "deck_settings" ADD CONSTRAINT "deck_settings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deck_settings" ADD CONSTRAINT "deck_settings_deck_id_fkey" FOREIGN KEY ("deck_id") REFERENCES "public"."decks"("deck_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sittings" ADD CONSTRAINT "sittings_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deck_settings_deck_id_idx" ON "deck_settings" USING btree ("deck_id");--> statement-breakpoint
CREATE INDEX "sittings_user_id_started_at_idx" ON "sittings" USING btree ("user_id","started_at");--> statement-breakpoint
ALTER TABLE "revision_sessions" ADD CONSTRAINT "revision_sessions_sitting_id_fkey" FOREIGN KEY ("sitting_id") REFERENCES "public"."sittings"("sitting_id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "card_schedules_user_id_last_review_idx" ON "card_schedules" USING btree ("user_id","last_review");--> statement-breakpoint
CREATE INDEX "cards_deck_id_unseen_idx" ON "cards" USING btree ("deck_id","position") WHERE "cards"."unseen" and "cards"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX "cards_deck_id_reversible_idx" ON "cards" USING btree ("deck_id") WHERE "cards"."reversible";--> statement-breakpoint
CREATE INDEX "cards_note_id_idx" ON "cards" USING btree ("note_id") WHERE "cards"."note_id" is not null;--> statement-breakpoint
CREATE INDEX "revision_attempts_session_id_attempted_at_idx" ON "revision_attempts" USING btree ("session_id","attempted_at");--> statement-breakpoint
CREATE INDEX "revision_sessions_sitting_id_idx" ON "revision_sessions" USING btree ("sitting_id") WHERE "revision_sessions"."sitting_id" is not null;--> statement-breakpoint
CREATE INDEX "cards_deck_id_position_idx" ON "cards" USING btree ("deck_id","position","card_id");--> statement-breakpoint
ALTER TABLE "card_schedules" DROP CONSTRAINT "card_schedules_pkey";
--> statement-breakpoint
ALTER TABLE "card_schedules" ADD CONSTRAINT "card_schedules_pkey" PRIMARY KEY("user_id","card_id","direction");--> statement-breakpoint
ALTER TABLE "card_schedules" ADD CONSTRAINT "card_schedules_direction_check" CHECK ("card_schedules"."direction" in ('forward', 'reverse'));--> statement-breakpoint
ALTER TABLE "card_schedules" ADD CONSTRAINT "card_schedules_last_review_check" CHECK (("card_schedules"."state" = 'new') = ("card_schedules"."last_review" is null) and ("card_schedules"."state" = 'new') = ("card_schedules"."first_review" is null));--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD CONSTRAINT "revision_attempts_direction_check" CHECK ("revision_attempts"."direction" in ('forward', 'reverse'));--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD CONSTRAINT "revision_attempts_state_check" CHECK ("revision_attempts"."state" in ('new', 'learning', 'review', 'relearning'));--> statement-breakpoint
ALTER TABLE "revision_attempts" ADD CONSTRAINT "revision_attempts_desired_retention_check" CHECK ("revision_attempts"."desired_retention" > 0 and "revision_attempts"."desired_retention" <= 1);--> statement-breakpoint
ALTER TABLE "user_settings" ADD CONSTRAINT "user_settings_weights_check" CHECK (cardinality("user_settings"."weights") = 21);
