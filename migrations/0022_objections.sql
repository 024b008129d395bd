-- Objections.
SELECT 1;
