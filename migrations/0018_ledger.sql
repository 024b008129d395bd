-- The transparency log. Whatever changes trust leaves a row in ledger_pending in its own transaction, by triggers: no program
-- can commit the one without the other. An integrator then gives it an index, and makes tiles and a signed checkpoint.

CREATE TABLE ledger_pending (
    pending  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    subject  text NOT NULL
);

-- The name of the log, given once and for ever.
CREATE TABLE ledger_identity (
    only_one  boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    origin    text NOT NULL
);

CREATE TABLE ledger_entries (
    index    bigint PRIMARY KEY CHECK (index >= 0),
    kind     text NOT NULL,
    subject  text NOT NULL,  -- of our own numbering; it is not in the entry
    entry    bytea NOT NULL CHECK (octet_length(entry) <= 65535),
    UNIQUE (kind, subject)
);

-- Hashes by level and tile, 32 bytes each; the last tile of a level grows until it has 256.
CREATE TABLE ledger_tiles (
    level   smallint NOT NULL,
    tile    bigint NOT NULL,
    hashes  bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
    PRIMARY KEY (level, tile)
);

CREATE TABLE ledger_checkpoints (
    size       bigint PRIMARY KEY CHECK (size >= 1),
    root       bytea NOT NULL CHECK (octet_length(root) = 32),
    note       bytea NOT NULL,
    signed_at  timestamptz NOT NULL
);

-- Signatures of witnesses on checkpoints, as lines of a note.
CREATE TABLE ledger_cosignatures (
    size       bigint NOT NULL REFERENCES ledger_checkpoints,
    witness    text NOT NULL,
    line       text NOT NULL,
    signed_at  timestamptz NOT NULL,
    PRIMARY KEY (size, witness)
);

CREATE FUNCTION refuse_change_but_growth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.level = OLD.level AND NEW.tile = OLD.tile
       AND octet_length(NEW.hashes) > octet_length(OLD.hashes)
       AND substr(NEW.hashes, 1, octet_length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% takes nothing but further hashes', TG_TABLE_NAME;
END $$;
CREATE TRIGGER ledger_tiles_grow BEFORE UPDATE OR DELETE ON ledger_tiles
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_growth();

CREATE FUNCTION ledger_of_credentials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject)
        SELECT 'license', serial || '.' || lpad(version::text, 3, '0') FROM added ORDER BY serial, version;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'status', seq::text FROM added ORDER BY seq;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_seal_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'seal_step', code || '/' || step FROM added ORDER BY code, step;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_seal_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'seal', code FROM added ORDER BY code;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_seal_uses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'seal_use', use_id::text FROM added ORDER BY use_id;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_trust_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'trust_list', sequence::text FROM added ORDER BY sequence;
    RETURN NULL;
END $$;
CREATE FUNCTION ledger_of_receipts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (kind, subject) SELECT 'receipt', encode(number, 'hex') FROM added ORDER BY number;
    RETURN NULL;
END $$;

CREATE TRIGGER credentials_logged AFTER INSERT ON credentials REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_credentials();
CREATE TRIGGER status_events_logged AFTER INSERT ON status_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_status();
CREATE TRIGGER seal_events_logged AFTER INSERT ON seal_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_seal_events();
CREATE TRIGGER seal_files_logged AFTER INSERT ON seal_files REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_seal_files();
CREATE TRIGGER seal_uses_logged AFTER INSERT ON seal_uses_signed REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_seal_uses();
CREATE TRIGGER trust_lists_logged AFTER INSERT ON trust_lists REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_trust_lists();
CREATE TRIGGER receipt_signatures_logged AFTER INSERT ON receipt_signatures REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_of_receipts();

-- What an older home has already, in the order it came about as far as that is known.
INSERT INTO ledger_pending (kind, subject) SELECT 'trust_list', sequence::text FROM trust_lists ORDER BY sequence;
INSERT INTO ledger_pending (kind, subject)
    SELECT 'license', serial || '.' || lpad(version::text, 3, '0') FROM credentials ORDER BY signed_at, serial, version;
INSERT INTO ledger_pending (kind, subject) SELECT 'status', seq::text FROM status_events ORDER BY seq;
INSERT INTO ledger_pending (kind, subject) SELECT 'seal_step', code || '/' || step FROM seal_events ORDER BY at, code, step;
INSERT INTO ledger_pending (kind, subject) SELECT 'seal', code FROM seal_files ORDER BY made_at, code;
INSERT INTO ledger_pending (kind, subject) SELECT 'seal_use', use_id::text FROM seal_uses_signed ORDER BY use_id;
INSERT INTO ledger_pending (kind, subject)
    SELECT 'receipt', encode(number, 'hex') FROM receipt_signatures ORDER BY signed_at, number;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['ledger_identity', 'ledger_entries', 'ledger_checkpoints', 'ledger_cosignatures'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
