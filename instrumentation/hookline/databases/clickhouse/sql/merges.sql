-- Merges that run.
SELECT count(), max(elapsed) FROM system.merges
