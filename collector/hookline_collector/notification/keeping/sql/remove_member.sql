-- Forget an alert of a group.
DELETE FROM alert_members WHERE key = :key AND fingerprint = :fingerprint
