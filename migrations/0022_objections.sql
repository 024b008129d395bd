-- Objections (异议). What is claimed, and what is given as evidence, is sealed under a secret of the region.

CREATE TABLE objections (
    number       text PRIMARY KEY CHECK (number ~ '^YY[0-9]{8}-[0-9A-Z]{8}$'),
    license      text NOT NULL,    -- 电子证照标识, of this region or another; empty: an objection to a look
    entry        bigint NOT NULL,  -- of the access log
    field        text NOT NULL,
    opener       text NOT NULL CHECK (opener IN ('holder', 'clerk', 'region')),
    opener_name  text NOT NULL,
    subject_key  bytea NOT NULL CHECK (octet_length(subject_key) IN (0, 16)),
    issuer       text NOT NULL,
    region       text NOT NULL,
    linked       text NOT NULL,    -- number of the case in the region that sent it
    sealed       bytea NOT NULL,   -- what is claimed, and the opener's words
    opened_at    timestamptz NOT NULL,
    CHECK ((entry > 0) <> (license <> ''))
);
CREATE INDEX objections_by_subject ON objections (subject_key, opened_at DESC);
CREATE INDEX objections_by_license ON objections (license) WHERE license <> '';
CREATE UNIQUE INDEX objections_linked ON objections (opener_name, linked) WHERE linked <> '';

-- The life of a case. The last event has its state; two at once are one too many for the primary key.
CREATE TABLE objection_events (
    number    text NOT NULL REFERENCES objections,
    step      integer NOT NULL CHECK (step >= 1),
    action    text NOT NULL,
    state     text NOT NULL,
    operator  text NOT NULL,
    body      text NOT NULL,
    charge    text NOT NULL,    -- the body in charge afterwards
    reason    text NOT NULL CHECK (char_length(reason) <= 500),
    due       date,
    outcome   text,
    sealed    bytea NOT NULL,   -- the corrected values that are proposed; empty where there are none
    at        timestamptz NOT NULL,
    PRIMARY KEY (number, step)
);
CREATE INDEX objection_events_by_charge ON objection_events (charge, number);

CREATE TABLE objection_files (
    number      text NOT NULL REFERENCES objections,
    place       smallint NOT NULL CHECK (place BETWEEN 1 AND 5),
    media_type  text NOT NULL,
    size        integer NOT NULL CHECK (size BETWEEN 1 AND 5242880),
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed      bytea NOT NULL,  -- name and content
    given_by    text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (number, place)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['objections', 'objection_events', 'objection_files'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
