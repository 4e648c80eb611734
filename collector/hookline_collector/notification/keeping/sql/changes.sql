-- The changes that were taken, the newest first.
SELECT id FROM changes ORDER BY seq DESC LIMIT :most
