-- 一码: which code was used first, here or at a counter without a network, and which were used again.
-- No personal data: a code is known by a digest of its handle, and what it stood for is not kept.

-- The first use of a code. The primary key decides: of any number of uses at once, one is the first.
CREATE TABLE code_uses (
    handle       bytea PRIMARY KEY CHECK (octet_length(handle) = 16),
    offline      boolean NOT NULL,  -- scanned at a counter without a network, told later
    used_at      timestamptz NOT NULL,
    operator     text NOT NULL,     -- empty for the public check
    body         text NOT NULL,
    matter       text NOT NULL DEFAULT '',
    case_number  text NOT NULL DEFAULT '',
    note         text NOT NULL DEFAULT '',
    recorded_at  timestamptz NOT NULL
) PARTITION BY HASH (handle);

-- Every further use that came to be known; the same one is told once.
CREATE TABLE code_further_uses (
    handle       bytea NOT NULL CHECK (octet_length(handle) = 16),
    operator     text NOT NULL,
    used_at      timestamptz NOT NULL,
    offline      boolean NOT NULL,
    body         text NOT NULL,
    matter       text NOT NULL DEFAULT '',
    case_number  text NOT NULL DEFAULT '',
    note         text NOT NULL DEFAULT '',
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (handle, operator, used_at)
);
CREATE INDEX code_further_uses_by_time ON code_further_uses (recorded_at);

DO $$
DECLARE
    name text;
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE code_uses_%s PARTITION OF code_uses FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['code_uses', 'code_further_uses'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
