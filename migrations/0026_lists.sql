-- Lists as immutable files.
SELECT 1;
