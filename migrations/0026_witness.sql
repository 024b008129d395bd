-- Logs of other regions whose growth this one has seen and cosigned; a size has one root for ever.
CREATE TABLE witnessed (
    origin       text NOT NULL CHECK (char_length(origin) <= 200),
    size         bigint NOT NULL CHECK (size >= 0),
    root         bytea NOT NULL CHECK (octet_length(root) = 32),
    region       text NOT NULL CHECK (region ~ '^[0-9]{6}$'),
    note         bytea NOT NULL,
    cosigned_at  timestamptz NOT NULL,
    PRIMARY KEY (origin, size)
);

-- A region has one log: the first origin that its key signed for.
CREATE TABLE witnessed_origins (
    region  text PRIMARY KEY CHECK (region ~ '^[0-9]{6}$'),
    origin  text NOT NULL UNIQUE
);

-- Checkpoints that were signed by the log's own key and do not fit what was cosigned before. split_view is proof that the log
-- shows several histories: one size, two roots. bad_proof is a suspicion: whoever brought the checkpoint brought no good proof.
CREATE TABLE witness_alarms (
    alarm   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin  text NOT NULL,
    region  text NOT NULL,
    reason  text NOT NULL,
    size    bigint NOT NULL,
    root    bytea NOT NULL CHECK (octet_length(root) = 32),
    known   bytea NOT NULL,  -- the checkpoint cosigned before
    shown   bytea NOT NULL,
    at      timestamptz NOT NULL,
    UNIQUE (origin, reason, size, root)  -- showing the same again fills nothing
);

-- The proof of a receipt's own entry in the log, kept once witnesses cosigned it: the same bytes are given out from then on.
CREATE TABLE receipt_log_proofs (
    number   bytea PRIMARY KEY REFERENCES receipts,
    proof    text NOT NULL,
    kept_at  timestamptz NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['witnessed', 'witnessed_origins', 'witness_alarms', 'receipt_log_proofs'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
