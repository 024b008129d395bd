-- Consent and duty: who may use whose licenses for what, who acts for whom, who looked.
-- No personal data: people are keyed digests, fields are names, and the one text that names anybody is sealed.

-- A clerk's question to the holder at the counter.
CREATE TABLE consent_requests (
    request_id   text PRIMARY KEY CHECK (request_id ~ '^R-[A-Za-z0-9_-]{22}$'),
    subject_key  bytea NOT NULL CHECK (octet_length(subject_key) = 16),
    session      bytea NOT NULL,  -- digest of the session that showed the code: only it can answer
    person       text NOT NULL,
    matter       text NOT NULL,
    version      integer NOT NULL CHECK (version >= 1),
    case_number  text NOT NULL CHECK (case_number <> ''),
    operator     text NOT NULL,
    body         text NOT NULL,
    reason       text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    needs        jsonb NOT NULL,  -- license types and names of fields
    asked_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > asked_at)
);
CREATE INDEX consent_requests_by_session ON consent_requests (session, asked_at);
CREATE INDEX consent_requests_by_case ON consent_requests (subject_key, case_number);

CREATE TABLE consent_grants (
    grant_id     text PRIMARY KEY CHECK (grant_id ~ '^G-[A-Za-z0-9_-]{22}$'),
    subject_key  bytea NOT NULL CHECK (octet_length(subject_key) = 16),
    ground       text NOT NULL CHECK (ground IN ('consent', 'duty')),
    matter       text NOT NULL,
    version      integer NOT NULL CHECK (version >= 1),
    case_number  text NOT NULL,   -- empty: given beforehand, the first use binds it
    operator     text NOT NULL,   -- empty: given beforehand
    body         text NOT NULL CHECK (body <> ''),
    reason       text NOT NULL CHECK (char_length(reason) <= 200),
    legal_basis  text NOT NULL CHECK (char_length(legal_basis) <= 200),
    needs        jsonb NOT NULL,
    uses         smallint NOT NULL CHECK (uses BETWEEN 1 AND 20),
    given_by     text NOT NULL,   -- the person who agreed, empty for duty
    basis        text NOT NULL,
    reference    text NOT NULL,   -- what that rests on: a license, a delegation
    request_id   text NOT NULL,
    given_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > given_at),
    UNIQUE (grant_id, uses),
    CHECK (ground = 'consent' OR (legal_basis <> '' AND reason <> '' AND operator <> ''))
);
CREATE INDEX consent_grants_by_subject ON consent_grants (subject_key, given_at);

-- A request is answered once: the primary key says so.
CREATE TABLE consent_answers (
    request_id  text PRIMARY KEY REFERENCES consent_requests,
    agreed      boolean NOT NULL,
    grant_id    text NOT NULL CHECK (agreed = (grant_id <> '')),
    at          timestamptz NOT NULL
);

CREATE TABLE consent_grant_ends (
    grant_id  text PRIMARY KEY REFERENCES consent_grants,
    person    text NOT NULL,
    at        timestamptz NOT NULL
);

-- Every use. `allowed` is the grant's own number of uses, so that no program can count beyond it.
CREATE TABLE consent_uses (
    grant_id     text NOT NULL,
    place        smallint NOT NULL CHECK (place >= 1 AND place <= allowed),
    allowed      smallint NOT NULL,
    case_number  text NOT NULL,
    operator     text NOT NULL,
    body         text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (grant_id, place),
    FOREIGN KEY (grant_id, allowed) REFERENCES consent_grants (grant_id, uses)
);

-- 代办 and 经办人: a holder or a company lets another person act.
CREATE TABLE delegations (
    delegation_id  text PRIMARY KEY CHECK (delegation_id ~ '^D-[A-Za-z0-9_-]{22}$'),
    kind           text NOT NULL CHECK (kind IN ('delegate', 'staff')),
    subject_key    bytea NOT NULL CHECK (octet_length(subject_key) = 16),
    giver_key      bytea NOT NULL CHECK (octet_length(giver_key) = 16),
    delegate_key   bytea NOT NULL CHECK (octet_length(delegate_key) = 16),
    matters        text[] NOT NULL,  -- empty: all, for staff only
    sealed         bytea NOT NULL,   -- the names as typed, under the region's secret
    given_at       timestamptz NOT NULL,
    until          timestamptz NOT NULL CHECK (until > given_at),
    CHECK (kind = 'staff' OR cardinality(matters) = 1)
);
CREATE INDEX delegations_by_subject ON delegations (subject_key, given_at);
CREATE INDEX delegations_by_delegate ON delegations (delegate_key, until);

CREATE TABLE delegation_acceptances (
    delegation_id  text PRIMARY KEY REFERENCES delegations,
    at             timestamptz NOT NULL
);

CREATE TABLE delegation_ends (
    delegation_id  text PRIMARY KEY REFERENCES delegations,
    by_delegate    boolean NOT NULL,
    at             timestamptz NOT NULL
);

-- Who looked. Found by subject alone, so it is divided by subject: every page of it is read from one partition.
CREATE SEQUENCE access_log_numbers;
CREATE TABLE access_log (
    subject_key  bytea NOT NULL CHECK (octet_length(subject_key) = 16),
    number       bigint NOT NULL DEFAULT nextval('access_log_numbers'),
    at           timestamptz NOT NULL,
    ground       text NOT NULL CHECK (ground IN ('consent', 'duty')),
    matter       text NOT NULL,
    case_number  text NOT NULL,
    operator     text NOT NULL,
    body         text NOT NULL,
    reason       text NOT NULL,
    legal_basis  text NOT NULL,
    licenses     text[] NOT NULL,
    fields       text[] NOT NULL,  -- names
    outcome      text NOT NULL,
    grant_id     text NOT NULL,
    named        boolean NOT NULL,  -- only named on the license: the other spouse, the father
    PRIMARY KEY (subject_key, number)
) PARTITION BY HASH (subject_key);

-- 异议 taken in by one tap; what becomes of it is another room's work.
CREATE TABLE access_objections (
    number       text PRIMARY KEY CHECK (number ~ '^YY[0-9]{8}-[0-9A-Z]{8}$'),
    subject_key  bytea NOT NULL CHECK (octet_length(subject_key) = 16),
    person       text NOT NULL,
    entry        bigint NOT NULL,  -- of the access log; 0 when it is about a license
    license      text NOT NULL,
    body         text NOT NULL,    -- to whom it goes
    received_at  timestamptz NOT NULL,
    CHECK ((entry > 0) <> (license <> '')),
    UNIQUE (subject_key, entry, license)
);

-- Guardianship follows from licenses: children in the same household, children of a father.
CREATE INDEX licenses_by_household ON licenses ((fields ->> 'household_number')) WHERE license_type = 'household_register';
CREATE INDEX licenses_by_father ON licenses ((fields ->> 'father_code')) WHERE license_type = 'birth_certificate';

DO $$
DECLARE
    name text;
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE access_log_%s PARTITION OF access_log FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['consent_requests', 'consent_grants', 'consent_answers', 'consent_grant_ends', 'consent_uses',
                                'delegations', 'delegation_acceptances', 'delegation_ends', 'access_log', 'access_objections'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
