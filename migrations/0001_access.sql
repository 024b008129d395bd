-- Who acts: bodies at five levels, what each may issue, the people and the keys that act for them.

CREATE TABLE bodies (
    code      text PRIMARY KEY CHECK (code ~ '^[0-9A-Z]{18}$'),  -- 统一社会信用代码
    name_zh   text NOT NULL,
    name_ug   text NOT NULL DEFAULT '',
    name_en   text NOT NULL DEFAULT '',
    level     smallint NOT NULL CHECK (level BETWEEN 1 AND 5),   -- 区 地 县 乡 村
    division  text NOT NULL,                                     -- GB/T 2260, longer below county level
    parent    text REFERENCES bodies
);

CREATE TABLE mandates (
    body          text NOT NULL REFERENCES bodies,
    license_type  text NOT NULL,
    valid_from    timestamptz NOT NULL,
    valid_until   timestamptz,
    PRIMARY KEY (body, license_type)
);

CREATE TABLE operators (
    username       text PRIMARY KEY CHECK (username ~ '^[a-z][a-z0-9._-]{1,39}$'),
    name           text NOT NULL,
    body           text NOT NULL REFERENCES bodies,
    roles          text[] NOT NULL,
    password_hash  text NOT NULL,
    created_at     timestamptz NOT NULL,
    disabled_at    timestamptz
);

CREATE TABLE sessions (
    token_hash  bytea PRIMARY KEY,
    username    text NOT NULL REFERENCES operators,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
    key_id       text PRIMARY KEY,
    secret_hash  bytea NOT NULL,
    operator     text NOT NULL REFERENCES operators,
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);

-- Every change, with operator, body and ground. Personal data never goes in here.
CREATE TABLE audit_trail (
    entry        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    operator     text NOT NULL,
    body         text NOT NULL,
    action       text NOT NULL,
    subject      text NOT NULL,
    reason       text NOT NULL DEFAULT '',
    legal_basis  text NOT NULL DEFAULT ''
);
CREATE INDEX audit_trail_by_time ON audit_trail USING brin (at);
