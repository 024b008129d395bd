-- What regions say to each other: each message counts once, answers can be asked for again and can be proved.

-- Nonces of messages that counted, until they no longer could.
CREATE TABLE partner_nonces (
    region      text NOT NULL,
    nonce       text NOT NULL CHECK (char_length(nonce) BETWEEN 16 AND 64),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (region, nonce)
);
CREATE INDEX partner_nonces_by_expiry ON partner_nonces (expires_at);

-- Answers that may be asked for again, sealed with the asker's own Idempotency-Key, which is not here.
CREATE TABLE partner_repeats (
    place       bytea PRIMARY KEY CHECK (octet_length(place) = 32),
    question    bytea NOT NULL CHECK (octet_length(question) = 32),
    sealed      bytea,  -- NULL while the first is under way
    expires_at  timestamptz NOT NULL
);
CREATE INDEX partner_repeats_by_expiry ON partner_repeats (expires_at);

-- What other regions answered, as it was signed, sealed under a secret of the region.
CREATE TABLE partner_answers (
    answer   text PRIMARY KEY CHECK (answer ~ '^A-[A-Za-z0-9_-]{22}$'),
    region   text NOT NULL,
    path     text NOT NULL,
    status   smallint NOT NULL,
    digest   bytea NOT NULL CHECK (octet_length(digest) = 32),  -- of the answer's body
    sealed   bytea NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX partner_answers_by_region ON partner_answers (region, at DESC);
CREATE TRIGGER partner_answers_kept BEFORE UPDATE ON partner_answers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();  -- deleted when their time is over

-- Links to a document for one download by the region that asked.
CREATE TABLE partner_downloads (
    token_digest  bytea PRIMARY KEY CHECK (octet_length(token_digest) = 32),
    region        text NOT NULL,
    serial        text NOT NULL,
    version       smallint NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('pdf', 'ofd')),
    body          text NOT NULL,
    made_at       timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX partner_downloads_by_license ON partner_downloads (serial, version);
