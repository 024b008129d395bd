-- One-time downloads lead to an annotated copy, and departments of this region have them as well: their region is empty.
ALTER TABLE partner_downloads ADD COLUMN copy_no integer NOT NULL DEFAULT 0 CHECK (copy_no >= 0);
CREATE INDEX partner_downloads_by_expiry ON partner_downloads (expires_at) WHERE used_at IS NULL;
