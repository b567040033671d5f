-- Two columns that no client may forget: the database keeps them itself.

CREATE FUNCTION set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.updated_at := now();
	RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER users_set_updated_at BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
CREATE TRIGGER decks_set_updated_at BEFORE UPDATE ON decks FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
CREATE TRIGGER cards_set_updated_at BEFORE UPDATE ON cards FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
CREATE TRIGGER ai_jobs_set_updated_at BEFORE UPDATE ON ai_jobs FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
CREATE TRIGGER user_settings_set_updated_at BEFORE UPDATE ON user_settings FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION set_updated_at();
--> statement-breakpoint
-- is_shared is true exactly while the deck has a row in deck_shares. The deck's row is locked before it is counted, so
-- that a share added and one revoked at the same moment cannot both decide from a count that is out of date.
CREATE FUNCTION set_is_shared() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
	touched uuid;
BEGIN
	FOREACH touched IN ARRAY CASE TG_OP
		WHEN 'INSERT' THEN ARRAY[NEW.deck_id]
		WHEN 'DELETE' THEN ARRAY[OLD.deck_id]
		ELSE ARRAY[OLD.deck_id, NEW.deck_id]
	END LOOP
		PERFORM 1 FROM decks WHERE deck_id = touched FOR NO KEY UPDATE;
		UPDATE decks SET is_shared = NOT is_shared
		WHERE deck_id = touched
			AND is_shared <> EXISTS (SELECT FROM deck_shares WHERE deck_shares.deck_id = touched);
	END LOOP;
	RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER deck_shares_set_is_shared AFTER INSERT OR DELETE OR UPDATE OF deck_id ON deck_shares
	FOR EACH ROW EXECUTE FUNCTION set_is_shared();
