-- Receipts (查验回执) and archived cases. Of persons there are masked names (买*) in the payload; of values digests.

-- What is to be signed is kept in the same transaction as the step of the case, before the key is used.
CREATE TABLE receipts (
    number       bytea PRIMARY KEY CHECK (octet_length(number) = 10),
    case_number  text NOT NULL,
    step         integer NOT NULL,
    matter       text NOT NULL,
    body         text NOT NULL,  -- who checked
    operator     text NOT NULL,
    kid          bytea NOT NULL CHECK (octet_length(kid) = 8),
    protected    bytea NOT NULL,
    payload      bytea NOT NULL,
    given_at     timestamptz NOT NULL,
    UNIQUE (case_number, step)
);

-- The signature, and the unprotected header: timestamp and revocation lists. The first one kept is the one given out.
CREATE TABLE receipt_signatures (
    number       bytea PRIMARY KEY REFERENCES receipts,
    signature    bytea NOT NULL,
    unprotected  bytea NOT NULL,
    signed_at    timestamptz NOT NULL
);

-- The receipt as PDF, made when it is asked for the first time.
CREATE TABLE receipt_pages (
    number     bytea PRIMARY KEY REFERENCES receipts,
    pdf        bytea NOT NULL,
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    seal       text NOT NULL,  -- code of the seal it shows, empty when none
    operator   text NOT NULL,
    made_at    timestamptz NOT NULL
);

-- Archive packages: a case is packed as it stood after a step; renewals add a timestamp and keep what is there.
CREATE TABLE case_archives (
    case_number      text NOT NULL,
    step             integer NOT NULL,
    revision         integer NOT NULL CHECK (revision >= 1),
    package          bytea NOT NULL,
    digest           bytea NOT NULL CHECK (octet_length(digest) = 32),
    operator         text NOT NULL,
    made_at          timestamptz NOT NULL,
    timestamp_until  timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,  -- when to renew
    PRIMARY KEY (case_number, step, revision)
);
CREATE INDEX case_archives_due ON case_archives (due_at);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['receipts', 'receipt_signatures', 'receipt_pages', 'case_archives'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
