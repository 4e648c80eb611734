-- Every alert with its group.
SELECT key, fingerprint, alert FROM alert_members ORDER BY key, fingerprint
