-- Forget all alerts of a group that is over.
DELETE FROM alert_members WHERE key = :key
