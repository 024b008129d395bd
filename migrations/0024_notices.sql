-- Notices (通知): written in the transaction of their cause, delivered at least once and in order of their stream.

CREATE TABLE notices (
    notice_id  text PRIMARY KEY CHECK (notice_id ~ '^N-[A-Za-z0-9_-]{22}$'),
    stream     text NOT NULL CHECK (char_length(stream) BETWEEN 1 AND 100),
    recipient  text NOT NULL CHECK (char_length(recipient) <= 80),
    number     integer NOT NULL CHECK (number >= 1),
    kind       text NOT NULL CHECK (char_length(kind) BETWEEN 1 AND 60),
    content    jsonb NOT NULL,
    at         timestamptz NOT NULL,
    UNIQUE (recipient, stream, number)
);
CREATE INDEX notices_by_recipient ON notices (recipient, at DESC);

-- How delivery stands. Confirmed: the recipient has it, by its own word.
CREATE TABLE notice_deliveries (
    notice_id     text PRIMARY KEY REFERENCES notices,
    recipient     text NOT NULL,
    stream        text NOT NULL,
    number        integer NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    next_try      timestamptz,           -- NULL: nothing more is tried
    last_error    text NOT NULL DEFAULT '',
    confirmed_at  timestamptz,
    confirmed_by  text NOT NULL DEFAULT ''
);
CREATE INDEX notice_deliveries_due ON notice_deliveries (next_try) WHERE confirmed_at IS NULL AND next_try IS NOT NULL;
CREATE INDEX notice_deliveries_open ON notice_deliveries (recipient, stream, number) WHERE confirmed_at IS NULL;

-- Where programs of a body want to be told.
CREATE TABLE notice_webhooks (
    webhook   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body      text NOT NULL REFERENCES bodies,
    url       text NOT NULL CHECK (char_length(url) <= 500),
    added_by  text NOT NULL,
    added_at  timestamptz NOT NULL
);
CREATE TABLE notice_webhook_ends (
    webhook   bigint PRIMARY KEY REFERENCES notice_webhooks,
    ended_by  text NOT NULL,
    at        timestamptz NOT NULL
);

-- What other regions told; each once, in order of its stream.
CREATE TABLE notice_arrivals (
    notice_id   text PRIMARY KEY,
    sender      text NOT NULL,
    stream      text NOT NULL,
    number      integer NOT NULL,
    kind        text NOT NULL,
    content     jsonb NOT NULL,
    sent_at     timestamptz NOT NULL,
    arrived_at  timestamptz NOT NULL,
    UNIQUE (sender, stream, number)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['notices', 'notice_webhooks', 'notice_webhook_ends', 'notice_arrivals'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
