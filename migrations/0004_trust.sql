-- Every trust list this region has published, so that a verdict's digest can be resolved years later.

CREATE TABLE trust_lists (
    sequence      bigint PRIMARY KEY,
    token         bytea NOT NULL,
    digest        text NOT NULL UNIQUE,
    published_at  timestamptz NOT NULL,
    operator      text NOT NULL
);
CREATE TRIGGER trust_lists_append_only BEFORE UPDATE OR DELETE ON trust_lists
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The keys this region vouches for. Private keys are never in the database.
CREATE TABLE key_entries (
    kid                bytea PRIMARY KEY,
    certificate        bytea NOT NULL,
    algorithm          text NOT NULL,
    purpose            text NOT NULL,
    body               text NOT NULL,
    license_types      text[] NOT NULL,  -- type codes
    valid_from         timestamptz NOT NULL,
    valid_until        timestamptz NOT NULL,
    compromised_since  timestamptz,
    key_name           text NOT NULL     -- name of the key in the key folder
);
