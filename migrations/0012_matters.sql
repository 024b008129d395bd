-- Matters (事项) and what each needs.

-- Every published version (实施清单), whole and never changed; the last one counts. A withdrawal is a version too.
CREATE TABLE matter_versions (
    code       text NOT NULL CHECK (code ~ '^[0-9A-Z]{31}$'),  -- 实施编码
    version    integer NOT NULL CHECK (version >= 1),
    standing   text NOT NULL CHECK (standing IN ('in_force', 'withdrawn')),
    document   jsonb NOT NULL,
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),  -- SHA-256 of what it says, whatever its number
    operator   text NOT NULL,  -- who made it
    approver   text NOT NULL,  -- who published it; another person where it tells more than the version before
    reason     text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (code, version)
);

-- The version that counts of each matter, laid out for searching. Made anew from matter_versions when lost.
CREATE TABLE matters (
    code       text PRIMARY KEY,
    version    integer NOT NULL,
    standing   text NOT NULL,
    theme      text NOT NULL,
    body       text NOT NULL,
    materials  integer NOT NULL,
    spared     integer NOT NULL,
    words      text NOT NULL,  -- lower case: names in three languages, codes, materials
    FOREIGN KEY (code, version) REFERENCES matter_versions
);
CREATE INDEX matters_by_theme ON matters (theme, code);
CREATE INDEX matters_by_body ON matters (body, code);

-- What is being worked on: one draft a matter. It counts for nothing until it is published.
CREATE TABLE matter_drafts (
    code         text PRIMARY KEY CHECK (code ~ '^[0-9A-Z]{31}$'),
    revision     integer NOT NULL CHECK (revision >= 1),  -- two who edit at once: the second is told
    base         integer NOT NULL CHECK (base >= 0),  -- the version it began from; 0 for a new matter
    document     jsonb NOT NULL,
    operator     text NOT NULL,  -- who changed it last
    body         text NOT NULL,
    reason       text NOT NULL,
    proposed_at  timestamptz,  -- NULL while it is being written
    changed_at   timestamptz NOT NULL
);

-- "Things" of life (一件事).
CREATE TABLE matter_themes (
    key       text PRIMARY KEY,
    place     integer NOT NULL,
    audience  text NOT NULL CHECK (audience IN ('person', 'company')),
    name      jsonb NOT NULL,
    matters   text[] NOT NULL  -- the order in which they are handled
);

CREATE TRIGGER matter_versions_append_only BEFORE UPDATE OR DELETE ON matter_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Lists between preview and import, for an hour; they hold matters, no personal data.
CREATE TABLE matter_uploads (
    digest    bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    operator  text NOT NULL,
    name      text NOT NULL,
    content   bytea NOT NULL,
    at        timestamptz NOT NULL
);
