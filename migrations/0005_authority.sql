-- The region's own certificate authority, certificates trusted from elsewhere, and the timestamp service.

-- Every certificate an authority of this region was asked for. What is to be signed is recorded before the key is used:
-- a row without its certificate was interrupted, and nobody has been given one.
CREATE TABLE certificates (
    authority     bytea NOT NULL CHECK (length(authority) = 8),           -- kid of the authority; an anchor's is its own
    serial        bytea NOT NULL CHECK (length(serial) BETWEEN 1 AND 20), -- big-endian
    profile       text NOT NULL,
    subject       text NOT NULL,
    body          text NOT NULL,
    shard         integer CHECK (shard >= 0),  -- its revocation list; 0: it names none; NULL: an anchor, which is on none
    crl_point     text,                        -- the address of that list as the certificate has it
    not_before    timestamptz NOT NULL,
    not_after     timestamptz NOT NULL,
    to_be_signed  bytea NOT NULL,
    certificate   bytea,
    recorded_at   timestamptz NOT NULL,
    PRIMARY KEY (authority, serial)
);
CREATE INDEX certificates_by_shard ON certificates (authority, shard);
CREATE INDEX certificates_by_body ON certificates (body, profile);

CREATE FUNCTION refuse_change_but_signing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.certificate IS NULL THEN
        OLD.certificate := NEW.certificate;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% takes nothing but the certificate that was missing', TG_TABLE_NAME;
END $$;
CREATE TRIGGER certificates_signed_once BEFORE UPDATE OR DELETE ON certificates
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_signing();

-- How many certificates each authority has put on sharded lists; a place is taken in one statement.
CREATE TABLE crl_places (
    authority  bytea PRIMARY KEY,
    taken      bigint NOT NULL
);

CREATE TABLE certificate_events (
    event        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    authority    bytea NOT NULL,
    serial       bytea NOT NULL,
    action       text NOT NULL CHECK (action = 'revoke'),
    since        timestamptz NOT NULL,  -- from when on it is not relied upon
    reason       smallint NOT NULL,     -- RFC 5280, section 5.3.1
    operator     text NOT NULL,
    legal_basis  text NOT NULL,
    recorded_at  timestamptz NOT NULL,
    FOREIGN KEY (authority, serial) REFERENCES certificates
);
CREATE INDEX certificate_events_by_certificate ON certificate_events (authority, serial);
CREATE TRIGGER certificate_events_append_only BEFORE UPDATE OR DELETE ON certificate_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Every revocation list issued; the number of a list only grows.
CREATE TABLE crls (
    authority    bytea NOT NULL,
    shard        integer NOT NULL,
    number       bigint NOT NULL,
    this_update  timestamptz NOT NULL,
    next_update  timestamptz NOT NULL,
    crl          bytea NOT NULL,
    PRIMARY KEY (authority, shard, number)
);
CREATE TRIGGER crls_append_only BEFORE UPDATE OR DELETE ON crls
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Certificates issued elsewhere on which this region rests when it judges seals and documents of others.
CREATE TABLE foreign_certificates (
    fingerprint    bytea PRIMARY KEY CHECK (length(fingerprint) = 32),
    certificate    bytea NOT NULL,
    role           text NOT NULL CHECK (role IN ('anchor', 'intermediate')),
    holder         text NOT NULL,            -- whose it is, in words
    trusted_from   timestamptz NOT NULL,
    trusted_until  timestamptz,
    reason         text NOT NULL,
    legal_basis    text NOT NULL,
    proposed_by    text NOT NULL,
    proposed_at    timestamptz NOT NULL
);
CREATE TRIGGER foreign_certificates_append_only BEFORE UPDATE OR DELETE ON foreign_certificates
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE foreign_certificate_events (
    event         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    fingerprint   bytea NOT NULL REFERENCES foreign_certificates,
    action        text NOT NULL CHECK (action IN ('approve', 'refuse', 'end')),
    effective_at  timestamptz NOT NULL,
    reason        text NOT NULL,
    operator      text NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX foreign_certificate_events_by_certificate ON foreign_certificate_events (fingerprint, event);
CREATE TRIGGER foreign_certificate_events_append_only BEFORE UPDATE OR DELETE ON foreign_certificate_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE foreign_crls (
    digest       bytea PRIMARY KEY CHECK (length(digest) = 32),
    scope        text NOT NULL,  -- issuer and distribution points: lists with one scope follow one another
    this_update  timestamptz NOT NULL,
    next_update  timestamptz,
    crl          bytea NOT NULL,
    imported_by  text NOT NULL,
    imported_at  timestamptz NOT NULL
);
CREATE INDEX foreign_crls_by_scope ON foreign_crls (scope, this_update);
CREATE TRIGGER foreign_crls_append_only BEFORE UPDATE OR DELETE ON foreign_crls
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Blocks of timestamp serial numbers; a number given out is never given again, even when a transaction is undone.
CREATE TABLE timestamp_blocks (
    block        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size         integer NOT NULL CHECK (size BETWEEN 1 AND 1048576),
    reserved_at  timestamptz NOT NULL
);
CREATE INDEX timestamp_blocks_by_time ON timestamp_blocks (reserved_at DESC);
CREATE TRIGGER timestamp_blocks_append_only BEFORE UPDATE OR DELETE ON timestamp_blocks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
