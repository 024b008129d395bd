-- Trust lists: drafts, partners' snapshots.
SELECT 1;
