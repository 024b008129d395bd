-- Error correction by feedback (纠错): what those who share data found to differ. Values are sealed under a secret of the region.

-- A file that was handed in, by its content: handing it in again goes on where it stopped.
CREATE TABLE correction_files (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body      text NOT NULL,
    operator  text NOT NULL,
    name      text NOT NULL CHECK (char_length(name) <= 200),
    digest    bytea NOT NULL CHECK (octet_length(digest) = 32),
    at        timestamptz NOT NULL,
    UNIQUE (body, digest)
);

-- One difference: of one item of one version to one value. Reported twice it is the same one.
CREATE TABLE corrections (
    number    text PRIMARY KEY CHECK (number ~ '^JC[0-9]{8}-[0-9A-Z]{8}$'),
    license   text NOT NULL,   -- 电子证照标识, of this region or another
    field     text NOT NULL,
    region    text NOT NULL,   -- whose license it is
    issuer    text NOT NULL,
    value_tag bytea NOT NULL CHECK (octet_length(value_tag) = 32),  -- keyed, so that equal values meet without being told
    sealed    bytea NOT NULL,  -- the value, what was seen, the ground
    at        timestamptz NOT NULL,
    UNIQUE (license, field, value_tag)
);
CREATE INDEX corrections_by_issuer ON corrections (issuer, at);

-- Who reported it; a region's number is that of its own record.
CREATE TABLE correction_reports (
    number    text NOT NULL REFERENCES corrections,
    reporter  text NOT NULL,   -- a body, or region:620000
    operator  text NOT NULL,
    linked    text NOT NULL,
    file      bigint REFERENCES correction_files,
    line      integer NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (number, reporter)
);
CREATE INDEX correction_reports_by_reporter ON correction_reports (reporter, at);

-- Lines of a file that are done with, good and bad.
CREATE TABLE correction_lines (
    file      bigint NOT NULL REFERENCES correction_files,
    line      integer NOT NULL,
    reason    text NOT NULL,   -- empty: taken up, or merged
    explanation text NOT NULL,
    number    text,
    PRIMARY KEY (file, line)
);

-- Steps of a decision: propose, agree, refuse, send_back, forward. Two at once are one too many for the primary key.
CREATE TABLE correction_steps (
    number    text NOT NULL REFERENCES corrections,
    step      integer NOT NULL CHECK (step >= 1),
    action    text NOT NULL CHECK (action IN ('propose', 'accept', 'refuse', 'send_back', 'forward')),
    operator  text NOT NULL,
    body      text NOT NULL,
    reason    text NOT NULL CHECK (char_length(reason) <= 500),
    replaced_by text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (number, step)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['correction_files', 'corrections', 'correction_reports', 'correction_lines', 'correction_steps'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
