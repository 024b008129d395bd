-- Status history: what was true when (effective_at) and since when it was known (recorded_at). Append only.

CREATE TABLE status_events (
    seq           bigint PRIMARY KEY,  -- given under an advisory lock, so commit order is number order
    serial        text NOT NULL,
    version       smallint NOT NULL,
    list_no       integer NOT NULL,
    list_index    integer NOT NULL,
    state         smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
    action        text NOT NULL,
    reason        text NOT NULL,
    legal_basis   text NOT NULL,
    operator      text NOT NULL,
    body          text NOT NULL,
    effective_at  timestamptz NOT NULL,
    recorded_at   timestamptz NOT NULL
);
CREATE INDEX status_events_by_index ON status_events (list_no, list_index, seq);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER status_events_append_only BEFORE UPDATE OR DELETE ON status_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_trail_append_only BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
