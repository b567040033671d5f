-- Of the many schedules that come with an import or a copy, the cards are known to be seen: a look at each is enough. It
-- stays one row at a time, by the primary key: a plan for many at once, kept from when the tables were empty, would walk
-- through all of them.
CREATE FUNCTION set_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM cards WHERE card_id = NEW.card_id AND unseen) THEN
		UPDATE cards SET unseen = false
		FROM decks
		WHERE cards.card_id = NEW.card_id AND unseen
			AND decks.deck_id = cards.deck_id AND decks.user_id = NEW.user_id;
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER card_schedules_set_unseen_insert ON card_schedules;
--> statement-breakpoint
CREATE TRIGGER card_schedules_set_unseen_insert AFTER INSERT ON card_schedules
	FOR EACH ROW WHEN (NEW.direction = 'forward' AND NEW.state <> 'new') EXECUTE FUNCTION set_seen();
