-- Many schedules come in one statement, of an import or a copy, and most of their cards are known to be seen: these are
-- looked for once for all, and not once a row. An answer is a statement of one row, and pays no more than before.
CREATE FUNCTION set_seen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	seen uuid[] := ARRAY(SELECT card_id FROM added WHERE direction = 'forward' AND state <> 'new');
BEGIN
	IF cardinality(seen) > 0 THEN
		UPDATE cards SET unseen = false
		FROM decks
		-- an array, for what a planner knows of so new a table would make it walk through all cards
		WHERE cards.card_id = ANY (seen) AND unseen AND decks.deck_id = cards.deck_id
			AND EXISTS (
				SELECT FROM card_schedules s
				WHERE s.user_id = decks.user_id AND s.card_id = cards.card_id
					AND s.direction = 'forward' AND s.state <> 'new');
	END IF;
	RETURN NULL;
END $$;
--> statement-breakpoint
DROP TRIGGER card_schedules_set_unseen_insert ON card_schedules;
--> statement-breakpoint
CREATE TRIGGER card_schedules_set_unseen_insert AFTER INSERT ON card_schedules
	REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION set_seen();
