-- Electronic seals (电子印章): applications, every step as an event, what was signed, who may use them, every use.

-- Serials of our own seal codes, by division (GB/T 2260).
CREATE TABLE seal_serials (
    division  text PRIMARY KEY CHECK (division ~ '^[0-9]{6}$'),
    last      integer NOT NULL CHECK (last BETWEEN 1 AND 99999999)
);

-- What was applied for; never changed. A changed seal is a new one that names the one it replaces.
CREATE TABLE seals (
    code           text PRIMARY KEY CHECK (code ~ '^[0-9]{13,14}$'),  -- 印章编码
    body           text NOT NULL REFERENCES bodies,
    kind           text NOT NULL,
    name_zh        text NOT NULL,
    name_ug        text NOT NULL,
    inscription    text NOT NULL,
    license_types  text[] NOT NULL,
    years          smallint NOT NULL CHECK (years BETWEEN 1 AND 5),
    generation     smallint NOT NULL CHECK (generation IN (4, 5)),
    replaces       text REFERENCES seals,
    picture        bytea NOT NULL,  -- SVG: what is reviewed is what is made
    applied_at     timestamptz NOT NULL
);
CREATE INDEX seals_by_body ON seals (body, code);
CREATE INDEX seals_by_replaced ON seals (replaces) WHERE replaces IS NOT NULL;

-- The life of a seal. The last event has its state; two at once are one too many for the primary key.
CREATE TABLE seal_events (
    code         text NOT NULL REFERENCES seals,
    step         integer NOT NULL CHECK (step >= 1),
    action       text NOT NULL,
    state        text NOT NULL,
    operator     text NOT NULL,
    body         text NOT NULL,
    reason       text NOT NULL,
    legal_basis  text NOT NULL,
    note         text NOT NULL DEFAULT '',  -- 备案编号, the code of the new seal
    at           timestamptz NOT NULL,
    PRIMARY KEY (code, step)
);

-- 制作: what the maker's key is about to sign, committed before it does.
CREATE TABLE seal_makings (
    code         text PRIMARY KEY REFERENCES seals,
    key_name     text NOT NULL,
    certificate  bytea NOT NULL,  -- the signer's, DER
    info         bytea NOT NULL,  -- SealInfo, DER
    valid_from   timestamptz NOT NULL,
    valid_until  timestamptz NOT NULL
);

-- The seal data (SESeal, DER). A seal without its row here was prepared and not signed.
CREATE TABLE seal_files (
    code     text PRIMARY KEY REFERENCES seal_makings,
    seal     bytea NOT NULL,
    digest   bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),  -- SM3 of it
    made_at  timestamptz NOT NULL
);

CREATE TABLE seal_grants (
    grant_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code           text NOT NULL REFERENCES seals,
    kind           text NOT NULL CHECK (kind IN ('operator', 'role', 'body')),
    grantee        text NOT NULL,
    license_types  text[] NOT NULL,
    matters        text[] NOT NULL,
    valid_from     timestamptz NOT NULL,
    valid_until    timestamptz CHECK (valid_until > valid_from),
    given_by       text NOT NULL,
    reason         text NOT NULL,
    legal_basis    text NOT NULL,
    given_at       timestamptz NOT NULL
);
CREATE INDEX seal_grants_by_seal ON seal_grants (code);

CREATE TABLE seal_grant_ends (
    grant_id     bigint PRIMARY KEY REFERENCES seal_grants,
    operator     text NOT NULL,
    reason       text NOT NULL,
    legal_basis  text NOT NULL,
    at           timestamptz NOT NULL
);

-- Every use, committed before the key is used. No personal data: digests, codes and numbers only.
CREATE TABLE seal_uses (
    use_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code          text NOT NULL,
    digest        bytea NOT NULL,
    license_type  text NOT NULL,
    matter        text NOT NULL,
    document      text NOT NULL,
    operator      text NOT NULL,
    body          text NOT NULL,
    grant_id      bigint NOT NULL,
    at            timestamptz NOT NULL
);
CREATE INDEX seal_uses_by_seal ON seal_uses (code, use_id);

CREATE TABLE seal_uses_signed (
    use_id     bigint PRIMARY KEY,
    signed_at  timestamptz NOT NULL
);

-- Uses that were refused, with the reason code.
CREATE TABLE seal_refusals (
    refusal   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code      text NOT NULL,
    reason    text NOT NULL,
    operator  text NOT NULL,
    body      text NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX seal_refusals_by_seal ON seal_refusals (code, reason);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['seals', 'seal_events', 'seal_makings', 'seal_files', 'seal_grants', 'seal_grant_ends',
                                'seal_uses', 'seal_uses_signed', 'seal_refusals'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
