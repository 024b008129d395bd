-- Licenses as immutable versions. A version without its row in `credentials` is an intent still to be signed.

-- Secrets of the region that must be restored together with the data they number: the serial and holder keys.
CREATE TABLE region_secrets (
    name    text PRIMARY KEY,
    secret  bytea NOT NULL CHECK (octet_length(secret) = 32)
);

CREATE TABLE status_lists (
    list_no          integer PRIMARY KEY,
    uri              text NOT NULL UNIQUE,
    permutation_key  bytea NOT NULL,
    used             integer NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND 1048576),
    created_at       timestamptz NOT NULL
);

CREATE TABLE issue_batches (
    batch_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    license_type  text NOT NULL,
    body          text NOT NULL REFERENCES bodies,
    operator      text NOT NULL,
    source        text NOT NULL,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz
);
CREATE INDEX issue_batches_open ON issue_batches (batch_id) WHERE closed_at IS NULL;

CREATE TABLE licenses (
    serial             text NOT NULL,
    version            smallint NOT NULL CHECK (version BETWEEN 1 AND 999),
    license_type       text NOT NULL,
    type_code          text NOT NULL,
    issuer             text NOT NULL,
    number             text NOT NULL,
    content_digest     bytea NOT NULL,
    issued_on          date NOT NULL,
    valid_from         date NOT NULL,
    valid_until        date,
    issuing_authority  text NOT NULL,
    holders            jsonb NOT NULL,
    fields             jsonb NOT NULL,
    extension          jsonb NOT NULL,
    list_no            integer NOT NULL,
    list_index         integer NOT NULL,
    batch_id           bigint NOT NULL,
    prepared_at        timestamptz NOT NULL,
    kid                bytea NOT NULL,
    protected          bytea NOT NULL,
    payload            bytea NOT NULL,
    PRIMARY KEY (serial, version)
) PARTITION BY HASH (serial);

CREATE TABLE credentials (
    serial     text NOT NULL,
    version    smallint NOT NULL,
    signature  bytea NOT NULL,
    signed_at  timestamptz NOT NULL,
    PRIMARY KEY (serial, version)
) PARTITION BY HASH (serial);

-- Finds the licenses of a holder by a keyed digest of code type and code.
CREATE TABLE license_holders (
    holder_key  bytea NOT NULL,
    serial      text NOT NULL,
    version     smallint NOT NULL
) PARTITION BY HASH (holder_key);
CREATE INDEX license_holders_by_key ON license_holders (holder_key);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE licenses_%s PARTITION OF licenses FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('CREATE INDEX licenses_%s_by_batch ON licenses_%s (batch_id)', part, part);
        EXECUTE format('CREATE TABLE credentials_%s PARTITION OF credentials FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('CREATE TABLE license_holders_%s PARTITION OF license_holders FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
    END LOOP;
END $$;

-- A link that shows one license to its holder; only the digest of its token is kept.
CREATE TABLE holder_links (
    token_hash  bytea PRIMARY KEY,
    serial      text NOT NULL,
    version     smallint NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
