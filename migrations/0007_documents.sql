-- Documents of licenses: signed faces as PDF and OFD, annotated copies, and their renewals.

-- Annotated copies (加注件): each made for one use. What it is for is recorded before it is made.
CREATE TABLE document_copies (
    serial       text NOT NULL,
    version      smallint NOT NULL,
    copy_no      integer NOT NULL CHECK (copy_no > 0),
    number       text NOT NULL UNIQUE,
    purpose      text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200),
    recipient    text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 200),
    valid_until  date NOT NULL,
    operator     text NOT NULL,
    asked_at     timestamptz NOT NULL,
    PRIMARY KEY (serial, version, copy_no)
);
CREATE TRIGGER document_copies_append_only BEFORE UPDATE OR DELETE ON document_copies
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One row for each document, written before a key is used: revision 0 is an intent that is still to be made.
-- copy_no 0 is the license's own document, others are of document_copies.
CREATE TABLE documents (
    serial        text NOT NULL,
    version       smallint NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('pdf', 'ofd')),
    copy_no       integer NOT NULL DEFAULT 0,
    license_type  text NOT NULL,
    body          text NOT NULL,
    operator      text NOT NULL,
    asked_at      timestamptz NOT NULL,
    revision      integer NOT NULL DEFAULT 0,  -- the newest of document_revisions
    due_at        timestamptz,                 -- when to renew; NULL: never
    trouble       text NOT NULL DEFAULT '',    -- why the last try failed
    PRIMARY KEY (serial, version, kind, copy_no)
) PARTITION BY HASH (serial);
CREATE INDEX documents_due ON documents (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX documents_by_type ON documents (license_type, asked_at);
CREATE INDEX documents_open ON documents (asked_at) WHERE revision = 0;

-- Each revision holds only what it adds: a document is its revisions one after the other, as PDF itself has it.
CREATE TABLE document_revisions (
    serial           text NOT NULL,
    version          smallint NOT NULL,
    kind             text NOT NULL,
    copy_no          integer NOT NULL,
    revision         integer NOT NULL CHECK (revision > 0),
    level            text NOT NULL,            -- B-B, B-T, B-LT, B-LTA; SES for OFD
    digest           bytea NOT NULL CHECK (length(digest) = 32),  -- SHA-256 of the whole document
    size             integer NOT NULL,         -- bytes of the whole document
    added            bytea NOT NULL,
    timestamp_until  timestamptz,              -- end of the last timestamp's certificate
    seal_use         bigint,                   -- in the log of seal uses
    operator         text NOT NULL,
    made_at          timestamptz NOT NULL,
    PRIMARY KEY (serial, version, kind, copy_no, revision)
) PARTITION BY HASH (serial);
CREATE INDEX document_revisions_by_digest ON document_revisions (digest);

DO $$
BEGIN
    FOR part IN 0..7 LOOP
        EXECUTE format('CREATE TABLE documents_%s PARTITION OF documents FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('CREATE TABLE document_revisions_%s PARTITION OF document_revisions FOR VALUES WITH (MODULUS 8, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE document_revisions_%s ALTER COLUMN added SET STORAGE EXTERNAL', part);  -- packed already
    END LOOP;
END $$;
CREATE TRIGGER document_revisions_append_only BEFORE UPDATE OR DELETE ON document_revisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
