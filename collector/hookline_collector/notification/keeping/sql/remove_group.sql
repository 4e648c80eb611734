-- Forget a group that is over.
DELETE FROM alert_groups WHERE key = :key
