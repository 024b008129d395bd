-- Lists as files that never change, named by their SHA-256: any cache or copy can carry them.
CREATE TABLE list_files (
    digest   bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    body     bytea NOT NULL CHECK (octet_length(body) <= 33554432),
    made_at  timestamptz NOT NULL
);
CREATE INDEX list_files_by_age ON list_files (made_at);

-- Each publication of a status list: the file of the whole list, and of the changes since older ones.
CREATE TABLE list_publications (
    list_no     integer NOT NULL,
    number      integer NOT NULL CHECK (number >= 1),
    file        bytea NOT NULL REFERENCES list_files,
    bitmap      bytea NOT NULL CHECK (octet_length(bitmap) = 32),  -- digest of the unpacked list
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (list_no, number)
);

CREATE TABLE list_deltas (
    list_no  integer NOT NULL,
    number   integer NOT NULL,
    since    bytea NOT NULL CHECK (octet_length(since) = 32),  -- digest of the unpacked list it begins with
    file     bytea NOT NULL REFERENCES list_files,
    PRIMARY KEY (list_no, number, since),
    FOREIGN KEY (list_no, number) REFERENCES list_publications ON DELETE CASCADE
);
