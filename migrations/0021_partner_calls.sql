-- What partners asked and were told.
SELECT 1;
