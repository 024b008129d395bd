-- Error correction by feedback.
SELECT 1;
