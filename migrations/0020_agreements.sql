-- Agreements with partner regions (互认协议): what of theirs counts here, from when to when, for what, under which duties.
CREATE TABLE agreements (
    number        text PRIMARY KEY CHECK (number ~ '^HR-[0-9]{6}-[0-9]{4}-[0-9]{4,6}$'),
    region        text NOT NULL CHECK (region ~ '^[0-9]{6}$'),
    types         text[] NOT NULL,    -- 21-character type codes; one '*': every type
    seals         text[] NOT NULL,    -- kinds of seal; one '*': every kind
    matters       text[] NOT NULL,    -- implementation codes; empty: every matter, and checks outside of matters
    max_list_age  integer NOT NULL CHECK (max_list_age BETWEEN 60 AND 2592000),  -- seconds: older status lists do not count
    consent_only  boolean NOT NULL,   -- only what the holder agreed to, never on duty
    online_status boolean NOT NULL,   -- only a status list that could be had a moment ago
    receipt_owed  boolean NOT NULL,   -- only in a matter that leaves a receipt
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz NOT NULL CHECK (valid_until > valid_from),
    replaces      text REFERENCES agreements,
    document      text NOT NULL,      -- 协议文号
    reason        text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    legal_basis   text NOT NULL CHECK (char_length(legal_basis) BETWEEN 1 AND 200),
    proposed_by   text NOT NULL,
    proposed_at   timestamptz NOT NULL,
    CHECK (cardinality(types) + cardinality(seals) >= 1)
);
CREATE INDEX agreements_by_region ON agreements (region, number);

CREATE TABLE agreement_events (
    number    text NOT NULL REFERENCES agreements,
    step      integer NOT NULL CHECK (step >= 1),
    action    text NOT NULL CHECK (action IN ('approve', 'refuse', 'end')),
    operator  text NOT NULL,
    reason    text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (number, step)
);

CREATE TABLE agreement_serials (
    region  text NOT NULL,
    year    smallint NOT NULL,
    last    integer NOT NULL,
    PRIMARY KEY (region, year)
);

-- Status lists of partners as they were last seen, for checks while a partner is down.
CREATE TABLE partner_status_lists (
    region      text NOT NULL,
    uri         text NOT NULL CHECK (char_length(uri) <= 200),
    token       bytea NOT NULL,
    issued_at   timestamptz NOT NULL,
    fetched_at  timestamptz NOT NULL,
    PRIMARY KEY (region, uri)
);

-- Revocation lists of partners as they were last seen.
CREATE TABLE partner_revocation_lists (
    region      text NOT NULL,
    place       text NOT NULL CHECK (char_length(place) <= 60),  -- path under the address of the partner
    crl         bytea NOT NULL,
    issued_at   timestamptz NOT NULL,
    fetched_at  timestamptz NOT NULL,
    PRIMARY KEY (region, place)
);

-- A partner region to be added or removed, proposed by one officer and decided by another.
CREATE TABLE region_proposals (
    proposal     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action       text NOT NULL CHECK (action IN ('add', 'remove')),
    region       text NOT NULL CHECK (region ~ '^[0-9]{6}$'),
    name_zh      text NOT NULL,
    name_ug      text NOT NULL,
    name_en      text NOT NULL,
    base_url     text NOT NULL,
    anchor       bytea NOT NULL,  -- empty for a removal
    valid_until  timestamptz,
    reason       text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    proposed_by  text NOT NULL,
    proposed_at  timestamptz NOT NULL
);
CREATE TABLE region_decisions (
    proposal  bigint PRIMARY KEY REFERENCES region_proposals,
    action    text NOT NULL CHECK (action IN ('approve', 'refuse')),
    operator  text NOT NULL,
    at        timestamptz NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['agreements', 'agreement_events', 'region_proposals', 'region_decisions'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
