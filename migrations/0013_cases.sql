-- Cases (办件) and their checks. Of persons there is nothing here but holder keys; no value of any license is kept.

-- Serials of case numbers, by matter and day of official time.
CREATE TABLE case_serials (
    matter  text NOT NULL,
    day     date NOT NULL,
    last    smallint NOT NULL CHECK (last BETWEEN 1 AND 9999),
    PRIMARY KEY (matter, day)
);

CREATE TABLE cases (
    number     text PRIMARY KEY CHECK (number ~ '^[0-9A-Z]{31}[0-9]{12}$'),  -- 办件编码
    matter     text NOT NULL,
    version    integer NOT NULL,
    body       text NOT NULL,  -- who opened it
    operator   text NOT NULL,
    opened_at  timestamptz NOT NULL
);
CREATE INDEX cases_by_body ON cases (body, opened_at DESC);
CREATE INDEX cases_by_time ON cases (opened_at DESC);

-- The life of a case. The last event has its state; two at once are one too many for the primary key.
CREATE TABLE case_events (
    number    text NOT NULL REFERENCES cases,
    step      integer NOT NULL CHECK (step >= 1),
    action    text NOT NULL,
    state     text NOT NULL,
    operator  text NOT NULL,
    body      text NOT NULL,
    reason    text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (number, step)
);

-- One scan. `step` is the case's event that it is; what was found is in case_materials under it.
CREATE TABLE checks (
    check_id      text PRIMARY KEY CHECK (check_id ~ '^[0-9a-f]{32}$'),
    number        text NOT NULL,
    step          integer NOT NULL,
    matter        text NOT NULL,
    version       integer NOT NULL,
    ground        text NOT NULL,
    reason        text NOT NULL,
    legal_basis   text NOT NULL,
    operator      text NOT NULL,
    body          text NOT NULL,
    trust_lists   text[] NOT NULL,
    status_lists  text[] NOT NULL,
    at            timestamptz NOT NULL,
    UNIQUE (number, step),
    FOREIGN KEY (number, step) REFERENCES case_events
);

-- Whose codes were scanned, on what basis and consent.
CREATE TABLE check_parties (
    check_id    text NOT NULL REFERENCES checks,
    party       text NOT NULL,
    holder_key  bytea NOT NULL CHECK (octet_length(holder_key) = 16),
    basis       text NOT NULL,
    consent     text NOT NULL,
    PRIMARY KEY (check_id, party)
);

-- How each material stood after a step; the latest step counts. Names of fields told, never their values.
CREATE TABLE case_materials (
    number       text NOT NULL,
    step         integer NOT NULL,
    material     text NOT NULL,
    outcome      text NOT NULL,
    found        text NOT NULL,
    reason       text NOT NULL,
    version      integer NOT NULL,  -- of the matter, whose text a commitment agreed to
    party        text NOT NULL,
    license      text NOT NULL,  -- 电子证照标识
    region       text NOT NULL,
    fields       text[] NOT NULL,
    evidence     text[] NOT NULL,
    commitment   text NOT NULL,  -- sha256 of the text agreed to
    deadline     date,
    PRIMARY KEY (number, material, step),
    FOREIGN KEY (number, step) REFERENCES case_events
);
CREATE INDEX case_materials_deferred ON case_materials (deadline) WHERE outcome = 'deferred';

-- Requests that were refused, with the reason code.
CREATE TABLE check_refusals (
    refusal   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    matter    text NOT NULL,
    reason    text NOT NULL,
    operator  text NOT NULL,
    body      text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX check_refusals_by_operator ON check_refusals (operator, refusal);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['cases', 'case_events', 'checks', 'check_parties', 'case_materials', 'check_refusals'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;

-- Checks that wait for a holder's consent. What goes on afterwards is sealed, and gone when it went on or ran out.
CREATE TABLE check_waits (
    check_id    text PRIMARY KEY,
    number      text NOT NULL,
    operator    text NOT NULL,
    body        text NOT NULL,
    sealed      bytea NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX check_waits_by_expiry ON check_waits (expires_at);

-- Answers that may be asked for again after a broken connection, sealed with the caller's own Idempotency-Key, which is not here.
CREATE TABLE check_repeats (
    key_digest  bytea PRIMARY KEY CHECK (octet_length(key_digest) = 32),
    question    bytea NOT NULL,
    sealed      bytea,  -- NULL while the first is under way
    expires_at  timestamptz NOT NULL
);
CREATE INDEX check_repeats_by_expiry ON check_repeats (expires_at);
