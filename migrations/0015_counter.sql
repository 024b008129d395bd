-- Ratings of services (好差评). A rating knows neither the case nor the minute it was given in, unless its giver wants a call back.

-- One invitation for every step of a case that can be rated; the token itself is kept nowhere.
CREATE TABLE rating_invitations (
    token_digest  bytea PRIMARY KEY CHECK (octet_length(token_digest) = 32),
    case_number   text NOT NULL,
    step          integer NOT NULL CHECK (step >= 1),
    matter        text NOT NULL,
    body          text NOT NULL,  -- whose window or terminal it was
    invited_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    UNIQUE (case_number, step)
);

-- That an invitation was used; says nothing of what was answered.
CREATE TABLE rating_uses (
    token_digest  bytea PRIMARY KEY REFERENCES rating_invitations
);

CREATE TABLE ratings (
    rating       uuid PRIMARY KEY,  -- random, so that the order tells nothing
    matter       text NOT NULL,
    body         text NOT NULL,
    month        date NOT NULL CHECK (month = date_trunc('month', month)::date),
    level        smallint NOT NULL CHECK (level BETWEEN 1 AND 5),  -- 5 非常满意 … 1 非常不满意
    reasons      text[] NOT NULL,
    words        text NOT NULL CHECK (char_length(words) <= 500),
    due          date,  -- 整改期限, for levels 1 and 2
    case_number  text NOT NULL DEFAULT ''  -- only when its giver wants a call back (回访)
);
CREATE INDEX ratings_by_month ON ratings (month, body, matter);
CREATE INDEX ratings_to_follow_up ON ratings (body, due) WHERE due IS NOT NULL;

-- 回访整改: what was found and done about a bad rating.
CREATE TABLE rating_follow_ups (
    rating    uuid PRIMARY KEY REFERENCES ratings,
    founded   boolean NOT NULL,  -- 属实
    note      text NOT NULL CHECK (char_length(note) BETWEEN 1 AND 500),
    operator  text NOT NULL,
    body      text NOT NULL,
    at        timestamptz NOT NULL
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rating_invitations', 'rating_uses', 'ratings', 'rating_follow_ups'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
