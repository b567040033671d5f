-- What is changed is written down by the database itself, so that no client can forget it: undo, the history of a card and the
-- question who did what are answered from it. Inserts write no text, since that stands in the row; an update writes the
-- columns that differ, a delete the whole row.

CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	-- '<change or -> <user> <each or whole> <command>', said inside the transaction by whoever makes the change; nothing
	-- from a program that does not know of it. See src/db/changes.ts.
	said text := nullif(current_setting('rote.change', true), '');
	this uuid := coalesce(
		nullif(split_part(said, ' ', 1), '-')::uuid,
		md5(pg_current_xact_id()::text || now()::text)::uuid);
	-- an import counts as made when it has made something
	op text := CASE WHEN TG_TABLE_NAME = 'imports' THEN 'insert' ELSE lower(TG_OP) END;
	was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
	becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
	this_row jsonb := coalesce(becomes, was);
	of_deck uuid := this_row ->> 'deck_id';
	of_card uuid := this_row ->> 'card_id';
	of_playlist uuid := this_row ->> 'playlist_id';
	-- who receives a share
	of_user uuid := this_row ->> 'shared_with_id';
BEGIN
	IF op = 'update' THEN
		SELECT jsonb_object_agg(name, was -> name), jsonb_object_agg(name, becomes -> name)
		INTO was, becomes
		FROM unnest(string_to_array(TG_ARGV[1], ' ')) AS name
		WHERE was -> name IS DISTINCT FROM becomes -> name;
		IF was IS NULL THEN RETURN NULL; END IF;
	ELSIF op = 'insert' THEN
		was := NULL;
		becomes := NULL;
	-- a row that goes together with what it belongs to is no change of its own
	ELSIF (of_deck IS NOT NULL AND NOT EXISTS (SELECT FROM decks WHERE deck_id = of_deck))
		OR (of_card IS NOT NULL AND NOT EXISTS (SELECT FROM cards WHERE card_id = of_card))
		OR (of_playlist IS NOT NULL AND NOT EXISTS (SELECT FROM playlists WHERE playlist_id = of_playlist))
		OR (of_user IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE user_id = of_user)) THEN
		RETURN NULL;
	END IF;
	INSERT INTO changes (change_id, user_id, command)
	VALUES (this, split_part(said, ' ', 2)::uuid, regexp_replace(said, '^\S+ \S+ \S+ ', ''))
	ON CONFLICT DO NOTHING;
	INSERT INTO changed_rows (change_id, table_name, row_id, operation, deck_id, card_id, playlist_id, before, after)
	VALUES (this, TG_TABLE_NAME, (this_row ->> TG_ARGV[0])::uuid, op, of_deck, of_card, of_playlist, was, becomes);
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER decks_log_insert AFTER INSERT ON decks
	FOR EACH ROW EXECUTE FUNCTION log_change('deck_id');
--> statement-breakpoint
CREATE TRIGGER decks_log_update AFTER UPDATE ON decks
	FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.description, NEW.deleted_at))
	EXECUTE FUNCTION log_change('deck_id', 'name description deleted_at');
--> statement-breakpoint
-- Cards that come with a whole, an import or a deck that is copied, are not written down one by one: they go as it goes.
CREATE TRIGGER cards_log_insert AFTER INSERT ON cards
	FOR EACH ROW WHEN (NEW.import_id IS NULL
		AND coalesce(split_part(current_setting('rote.change', true), ' ', 3), '') <> 'whole')
	EXECUTE FUNCTION log_change('card_id');
--> statement-breakpoint
CREATE TRIGGER cards_log_update AFTER UPDATE ON cards
	FOR EACH ROW WHEN (
		(OLD.deck_id, OLD.question, OLD.answer, OLD.difficulty_level, OLD.tags, OLD.accepted_answers, OLD.external_id,
			OLD.position, OLD.note_id, OLD.reversible, OLD.source_page, OLD.source_quote, OLD.deleted_at) IS DISTINCT FROM
		(NEW.deck_id, NEW.question, NEW.answer, NEW.difficulty_level, NEW.tags, NEW.accepted_answers, NEW.external_id,
			NEW.position, NEW.note_id, NEW.reversible, NEW.source_page, NEW.source_quote, NEW.deleted_at))
	EXECUTE FUNCTION log_change('card_id', 'deck_id question answer difficulty_level tags accepted_answers external_id position note_id reversible source_page source_quote deleted_at');
--> statement-breakpoint
CREATE TRIGGER card_images_log_insert AFTER INSERT ON card_images
	FOR EACH ROW WHEN (coalesce(split_part(current_setting('rote.change', true), ' ', 3), '') <> 'whole')
	EXECUTE FUNCTION log_change('image_id');
--> statement-breakpoint
CREATE TRIGGER card_images_log_update AFTER UPDATE ON card_images
	FOR EACH ROW EXECUTE FUNCTION log_change('image_id', 'image_url side alt position');
--> statement-breakpoint
CREATE TRIGGER card_images_log_delete AFTER DELETE ON card_images
	FOR EACH ROW EXECUTE FUNCTION log_change('image_id');
--> statement-breakpoint
-- Only by a command that says so: in the study loop a card that is suspended is a step of the sitting, which has an undo of its own.
CREATE TRIGGER card_schedules_log_insert AFTER INSERT ON card_schedules
	FOR EACH ROW WHEN (NEW.suspended_at IS NOT NULL AND split_part(current_setting('rote.change', true), ' ', 3) = 'each')
	EXECUTE FUNCTION log_change('card_id');
--> statement-breakpoint
CREATE TRIGGER card_schedules_log_update AFTER UPDATE ON card_schedules
	FOR EACH ROW WHEN ((OLD.suspended_at IS NULL) <> (NEW.suspended_at IS NULL)
		AND split_part(current_setting('rote.change', true), ' ', 3) = 'each')
	EXECUTE FUNCTION log_change('card_id', 'suspended_at');
--> statement-breakpoint
CREATE TRIGGER card_schedules_log_delete AFTER DELETE ON card_schedules
	FOR EACH ROW WHEN (OLD.suspended_at IS NOT NULL AND split_part(current_setting('rote.change', true), ' ', 3) = 'each')
	EXECUTE FUNCTION log_change('card_id');
--> statement-breakpoint
CREATE TRIGGER playlists_log_insert AFTER INSERT ON playlists
	FOR EACH ROW EXECUTE FUNCTION log_change('playlist_id');
--> statement-breakpoint
CREATE TRIGGER playlists_log_update AFTER UPDATE ON playlists
	FOR EACH ROW EXECUTE FUNCTION log_change('playlist_id', 'name description deleted_at');
--> statement-breakpoint
CREATE TRIGGER playlist_decks_log_insert AFTER INSERT ON playlist_decks
	FOR EACH ROW EXECUTE FUNCTION log_change('playlist_deck_id');
--> statement-breakpoint
CREATE TRIGGER playlist_decks_log_update AFTER UPDATE ON playlist_decks
	FOR EACH ROW EXECUTE FUNCTION log_change('playlist_deck_id', 'position');
--> statement-breakpoint
CREATE TRIGGER playlist_decks_log_delete AFTER DELETE ON playlist_decks
	FOR EACH ROW EXECUTE FUNCTION log_change('playlist_deck_id');
--> statement-breakpoint
CREATE TRIGGER deck_shares_log_insert AFTER INSERT ON deck_shares
	FOR EACH ROW EXECUTE FUNCTION log_change('share_id');
--> statement-breakpoint
CREATE TRIGGER deck_shares_log_update AFTER UPDATE ON deck_shares
	FOR EACH ROW EXECUTE FUNCTION log_change('share_id', 'permission');
--> statement-breakpoint
CREATE TRIGGER deck_shares_log_delete AFTER DELETE ON deck_shares
	FOR EACH ROW EXECUTE FUNCTION log_change('share_id');
--> statement-breakpoint
CREATE TRIGGER imports_log_insert AFTER INSERT ON imports
	FOR EACH ROW WHEN (NEW.added + NEW.updated > 0) EXECUTE FUNCTION log_change('import_id');
--> statement-breakpoint
CREATE TRIGGER imports_log_update AFTER UPDATE ON imports
	FOR EACH ROW WHEN (OLD.added + OLD.updated = 0 AND NEW.added + NEW.updated > 0)
	EXECUTE FUNCTION log_change('import_id');
