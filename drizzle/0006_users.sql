CREATE TABLE "login_tries" (
	"name_hash" text NOT NULL,
	"tries" integer DEFAULT 1 NOT NULL,
	"tried_at" timestamp with time zone DEFAULT now() NOT NULL,
	"locked_until" timestamp with time zone,
	CONSTRAINT "login_tries_pkey" PRIMARY KEY("name_hash")
);
--> statement-breakpoint
CREATE TABLE "logins" (
	"login_id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "logins_token_hash_key" UNIQUE("token_hash")
);
--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users_username_key";--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users_email_key";--> statement-breakpoint
ALTER TABLE "logins" ADD CONSTRAINT "logins_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "public"."users"("user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "logins_user_id_idx" ON "logins" USING btree ("user_id");--> statement-breakpoint
-- Names become unique without regard to case. Of people whose names differ in nothing else the oldest keeps theirs; the
-- others get a number behind it, and of e-mail addresses the oldest person's stays.
UPDATE users SET username = coalesce(nullif(btrim(replace(username, '/', '-')), ''), 'user')
WHERE btrim(username) = '' OR strpos(username, '/') > 0;--> statement-breakpoint
DO $$
DECLARE
	person record;
	wanted text;
	number int;
BEGIN
	FOR person IN
		SELECT user_id, username FROM (
			SELECT user_id, username, created_at,
				row_number() OVER (PARTITION BY lower(username) ORDER BY created_at, user_id) AS nth
			FROM users) AS people
		WHERE nth > 1 ORDER BY created_at, user_id
	LOOP
		number := 2;
		LOOP
			wanted := left(person.username, 49 - length(number::text)) || '-' || number;
			EXIT WHEN NOT EXISTS (SELECT FROM users WHERE lower(username) = lower(wanted));
			number := number + 1;
		END LOOP;
		UPDATE users SET username = wanted WHERE user_id = person.user_id;
	END LOOP;
END $$;--> statement-breakpoint
UPDATE users SET email = NULL
WHERE EXISTS (SELECT FROM users AS older WHERE lower(older.email) = lower(users.email)
	AND (older.created_at, older.user_id) < (users.created_at, users.user_id));--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree (lower("username"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_username_check" CHECK (btrim("users"."username") <> '' and strpos("users"."username", '/') = 0);
