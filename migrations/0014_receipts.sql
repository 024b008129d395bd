-- Receipts (查验回执) and archived cases.

SELECT 1;  -- nothing here yet
