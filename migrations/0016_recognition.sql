-- Regions that are asked for licenses, and that ask.

-- A partner region as it was added; a change is an end and a new row.
CREATE TABLE partner_regions (
    partner_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region       text NOT NULL CHECK (region ~ '^[0-9]{6}$'),  -- GB/T 2260
    name_zh      text NOT NULL,
    name_ug      text NOT NULL DEFAULT '',
    name_en      text NOT NULL DEFAULT '',
    base_url     text NOT NULL,
    anchor       bytea NOT NULL,  -- certificate (DER), compared through another channel before it was added
    valid_from   timestamptz NOT NULL,
    valid_until  timestamptz CHECK (valid_until > valid_from),
    added_by     text NOT NULL,
    added_at     timestamptz NOT NULL
);
CREATE INDEX partner_regions_by_region ON partner_regions (region);

CREATE TABLE partner_region_ends (
    partner_id  bigint PRIMARY KEY REFERENCES partner_regions,
    ended_by    text NOT NULL,
    at          timestamptz NOT NULL
);

-- The newest trust list of each partner that was seen under its anchor: never an older one again.
CREATE TABLE partner_trust_lists (
    region      text NOT NULL,
    anchor      bytea NOT NULL CHECK (octet_length(anchor) = 32),  -- SHA-256 of the certificate
    sequence    bigint NOT NULL CHECK (sequence >= 1),
    token       bytea NOT NULL,
    fetched_at  timestamptz NOT NULL,
    PRIMARY KEY (region, anchor)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['partner_regions', 'partner_region_ends'] LOOP
        EXECUTE format('CREATE TRIGGER %s_append_only BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION refuse_change()', name, name);
    END LOOP;
END $$;
