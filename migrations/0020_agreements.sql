-- Agreements with partner regions.
SELECT 1;
