-- Digital cards (数字名片). A card names fields of licenses, never their values; its link is kept as a digest only.

CREATE TABLE digital_cards (
    card_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_digest  bytea NOT NULL UNIQUE CHECK (octet_length(token_digest) = 32),
    holder_key    bytea NOT NULL CHECK (octet_length(holder_key) = 16),
    chosen        jsonb NOT NULL,  -- [[holder key, license type, serial, version, [name of a field, ...]], ...]
    made_at       timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL CHECK (expires_at > made_at AND expires_at <= made_at + interval '30 days'),
    max_views     integer NOT NULL CHECK (max_views BETWEEN 1 AND 1000),
    views         integer NOT NULL DEFAULT 0 CHECK (views >= 0 AND views <= max_views),
    viewed_at     timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX digital_cards_by_holder ON digital_cards (holder_key, card_id);
