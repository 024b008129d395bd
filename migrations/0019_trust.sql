-- Trust lists: the second form of our own, what they say besides keys, drafts of two people; other regions' lists as they were
-- accepted, and what was refused of them.

-- The same list as CBOR.
CREATE TABLE trust_list_forms (
    sequence  bigint PRIMARY KEY REFERENCES trust_lists,
    cbor      bytea NOT NULL
);

-- What a list says of addresses, names of types and words of states; the newest counts.
CREATE TABLE trust_facts (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facts     jsonb NOT NULL,
    operator  text NOT NULL,
    at        timestamptz NOT NULL
);

-- Statements by which an anchor of the region named the next one.
CREATE TABLE trust_pivots (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    statement  text NOT NULL,
    operator   text NOT NULL,
    at         timestamptz NOT NULL
);

ALTER TABLE bodies ADD closed_at timestamptz;

-- A change of bodies or rights, proposed by one and published by another.
CREATE TABLE trust_drafts (
    draft        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changes      jsonb NOT NULL,
    reason       text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    legal_basis  text NOT NULL CHECK (char_length(legal_basis) BETWEEN 1 AND 200),
    proposed_by  text NOT NULL,
    proposed_at  timestamptz NOT NULL
);
CREATE TABLE trust_draft_ends (
    draft     bigint PRIMARY KEY REFERENCES trust_drafts,
    action    text NOT NULL CHECK (action IN ('publish', 'refuse', 'withdraw')),
    operator  text NOT NULL,
    note      text NOT NULL,
    sequence  bigint,  -- of the list it was published with
    at        timestamptz NOT NULL
);

-- Lists of other regions, each kept for ever once it was accepted: verdicts name them by digest.
CREATE TABLE partner_trust_snapshots (
    region      text NOT NULL,
    pinned      bytea NOT NULL CHECK (octet_length(pinned) = 32),  -- SHA-256 of the anchor that was pinned
    sequence    bigint NOT NULL CHECK (sequence >= 1),
    digest      text NOT NULL,
    anchor      bytea NOT NULL,  -- the certificate that signed it
    token       bytea NOT NULL,
    fetched_at  timestamptz NOT NULL,
    PRIMARY KEY (region, pinned, sequence)
);
CREATE INDEX partner_trust_snapshots_by_digest ON partner_trust_snapshots (digest);
INSERT INTO partner_trust_snapshots (region, pinned, sequence, digest, anchor, token, fetched_at)
    SELECT l.region, l.anchor, l.sequence, 'sha256:' || encode(sha256(l.token), 'hex'), p.anchor, l.token, l.fetched_at
    FROM partner_trust_lists l JOIN partner_regions p ON p.region = l.region AND sha256(p.anchor) = l.anchor
    ON CONFLICT DO NOTHING;

-- Lists that were refused, and why somebody should look.
CREATE TABLE trust_alarms (
    alarm   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region  text NOT NULL,
    reason  text NOT NULL,
    detail  text NOT NULL,
    token   bytea NOT NULL,  -- the list that was refused
    at      timestamptz NOT NULL
);
CREATE INDEX trust_alarms_by_region ON trust_alarms (region, alarm DESC);

-- Lists of lists that were accepted from an operator of regions.
CREATE TABLE region_directories (
    operator    bytea NOT NULL CHECK (octet_length(operator) = 32),  -- SHA-256 of its certificate
    sequence    bigint NOT NULL CHECK (sequence >= 1),
    digest      text NOT NULL,
    token       bytea NOT NULL,
    fetched_at  timestamptz NOT NULL,
    PRIMARY KEY (operator, sequence)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['trust_list_forms', 'trust_facts', 'trust_pivots', 'trust_drafts', 'trust_draft_ends',
                                'partner_trust_snapshots', 'trust_alarms', 'region_directories'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
