-- Keys that follow another one (密钥更替): proposed by one person, activated by another.

CREATE TABLE key_proposals (
    proposal       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_name       text NOT NULL,               -- in the key folder
    kid            bytea NOT NULL CHECK (length(kid) = 8),
    certificate    bytea NOT NULL,
    algorithm      text NOT NULL,
    purpose        text NOT NULL,
    body           text NOT NULL,
    license_types  text[] NOT NULL,
    valid_from     timestamptz NOT NULL,
    valid_until    timestamptz NOT NULL CHECK (valid_until > valid_from),
    replaces       bytea NOT NULL REFERENCES key_entries,
    overlap_until  timestamptz NOT NULL,        -- until then the old one may sign too
    proposed_by    text NOT NULL,
    proposed_at    timestamptz NOT NULL,
    reason         text NOT NULL CHECK (reason <> ''),
    legal_basis    text NOT NULL CHECK (legal_basis <> ''),
    CHECK (overlap_until >= valid_from)
);
CREATE TRIGGER key_proposals_append_only BEFORE UPDATE OR DELETE ON key_proposals
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE key_decisions (
    proposal    bigint PRIMARY KEY REFERENCES key_proposals,  -- one decision for each
    decision    text NOT NULL CHECK (decision IN ('activate', 'withdraw')),
    operator    text NOT NULL,
    reason      text NOT NULL,
    decided_at  timestamptz NOT NULL
);
CREATE TRIGGER key_decisions_append_only BEFORE UPDATE OR DELETE ON key_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
