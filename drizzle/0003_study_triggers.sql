-- What the columns of the migration before are kept by, and what they are for the rows that were there already.

CREATE TRIGGER deck_settings_set_updated_at BEFORE UPDATE ON deck_settings FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
-- unseen is true until the card's owner has a schedule for it, question to answer.
CREATE FUNCTION set_unseen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	schedule card_schedules := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
	UPDATE cards SET unseen = NOT unseen
	FROM decks
	WHERE cards.card_id = schedule.card_id
		AND decks.deck_id = cards.deck_id AND decks.user_id = schedule.user_id
		AND unseen <> NOT EXISTS (
			SELECT FROM card_schedules s
			WHERE s.user_id = schedule.user_id AND s.card_id = schedule.card_id
				AND s.direction = 'forward' AND s.state <> 'new');
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER card_schedules_set_unseen_insert AFTER INSERT ON card_schedules
	FOR EACH ROW WHEN (NEW.direction = 'forward' AND NEW.state <> 'new') EXECUTE FUNCTION set_unseen();
--> statement-breakpoint
CREATE TRIGGER card_schedules_set_unseen_update AFTER UPDATE ON card_schedules
	FOR EACH ROW WHEN (NEW.direction = 'forward' AND (OLD.state = 'new') <> (NEW.state = 'new')) EXECUTE FUNCTION set_unseen();
--> statement-breakpoint
CREATE TRIGGER card_schedules_set_unseen_delete AFTER DELETE ON card_schedules
	FOR EACH ROW WHEN (OLD.direction = 'forward' AND OLD.state <> 'new') EXECUTE FUNCTION set_unseen();
--> statement-breakpoint
-- A card that moves to somebody else's deck is new to them, or it is not.
CREATE FUNCTION set_unseen_of_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.unseen := NOT EXISTS (
		SELECT FROM card_schedules s JOIN decks ON decks.user_id = s.user_id
		WHERE decks.deck_id = NEW.deck_id AND s.card_id = NEW.card_id
			AND s.direction = 'forward' AND s.state <> 'new');
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER cards_set_unseen BEFORE UPDATE OF deck_id ON cards
	FOR EACH ROW WHEN (OLD.deck_id <> NEW.deck_id) EXECUTE FUNCTION set_unseen_of_moved();
--> statement-breakpoint
-- The day that an answer counts for is written down with it, so that nothing later changes it: no journey, no other
-- start of the day. For whoever writes an answer without it, it is what the person's settings say at that moment.
CREATE FUNCTION set_study_date() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SELECT (NEW.attempted_at AT TIME ZONE coalesce(NEW.time_zone, u.time_zone, 'UTC')
		- make_interval(hours => coalesce(u.day_start, 4)))::date
	INTO NEW.study_date
	-- a session of the same statement cannot be seen here yet
	FROM (SELECT) AS this
	LEFT JOIN revision_sessions s ON s.session_id = NEW.session_id
	LEFT JOIN user_settings u USING (user_id);
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER revision_attempts_set_study_date BEFORE INSERT ON revision_attempts
	FOR EACH ROW WHEN (NEW.study_date IS NULL) EXECUTE FUNCTION set_study_date();
--> statement-breakpoint
UPDATE cards SET unseen = false
FROM decks, card_schedules s
WHERE decks.deck_id = cards.deck_id AND s.user_id = decks.user_id AND s.card_id = cards.card_id;
--> statement-breakpoint
UPDATE revision_attempts a
SET study_date = (a.attempted_at AT TIME ZONE coalesce(a.time_zone, u.time_zone, 'UTC')
	- make_interval(hours => coalesce(u.day_start, 4)))::date
FROM revision_sessions s LEFT JOIN user_settings u USING (user_id)
WHERE s.session_id = a.session_id;
--> statement-breakpoint
ALTER TABLE revision_attempts ALTER COLUMN study_date SET NOT NULL;
