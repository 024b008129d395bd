-- The transparency log.
SELECT 1;
