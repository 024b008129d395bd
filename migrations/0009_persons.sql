-- People who hold licenses, as the region's identity platform vouches for them: sign-in, sessions, passkeys.

-- Known by what the platform calls them; `person` is ours, random, and tells nothing.
CREATE TABLE persons (
    person      text PRIMARY KEY CHECK (person ~ '^[0-9a-f]{32}$'),
    issuer      text NOT NULL,
    sub         text NOT NULL CHECK (octet_length(sub) BETWEEN 1 AND 1020),
    name        text NOT NULL,
    code        text NOT NULL,
    code_type   text NOT NULL,  -- 持证主体代码类型 (GB/T 36903)
    companies   jsonb NOT NULL,  -- [{code, name, role}], as the platform said at the last sign-in
    created_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    UNIQUE (issuer, sub)
);

-- A sign-in that began and has not come back yet. The state is used once; without the browser's secret it is worth nothing.
CREATE TABLE person_sign_ins (
    state_hash    bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    browser_hash  bytea NOT NULL CHECK (octet_length(browser_hash) = 32),
    nonce         text NOT NULL,
    verifier      text NOT NULL,  -- PKCE
    redirect_uri  text NOT NULL,
    wanted        text NOT NULL,  -- the page to go on to
    fresh         boolean NOT NULL,  -- the platform was told to ask who it is once more
    expires_at    timestamptz NOT NULL
);
CREATE INDEX person_sign_ins_by_end ON person_sign_ins (expires_at);

CREATE TABLE person_sessions (
    token_hash    bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    person        text NOT NULL REFERENCES persons,
    signed_in_at  timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    fresh_until   timestamptz,  -- the platform asked who it is just now: passkeys may be made and removed
    strong_until  timestamptz,  -- a passkey was used
    acting_for    text NOT NULL DEFAULT ''
);
CREATE INDEX person_sessions_by_person ON person_sessions (person);
CREATE INDEX person_sessions_by_end ON person_sessions (expires_at);

CREATE TABLE passkeys (
    credential    bytea PRIMARY KEY CHECK (octet_length(credential) BETWEEN 1 AND 1023),
    person        text NOT NULL REFERENCES persons,
    handle        text NOT NULL UNIQUE CHECK (handle ~ '^[0-9a-f]{32}$'),  -- what the pages call it
    public_key    bytea NOT NULL,
    sign_count    bigint NOT NULL,
    name          text NOT NULL,
    transports    text[] NOT NULL,
    synced        boolean NOT NULL,  -- the browser says that copies of it exist
    created_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX passkeys_by_person ON passkeys (person);

-- What a passkey must answer: once, soon, and in the session it was made for.
CREATE TABLE passkey_challenges (
    token_hash  bytea NOT NULL REFERENCES person_sessions ON UPDATE CASCADE ON DELETE CASCADE,
    purpose     text NOT NULL CHECK (purpose IN ('make', 'use')),
    challenge   bytea NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (token_hash, purpose)
);
