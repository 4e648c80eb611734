-- Every group.
SELECT key, state FROM alert_groups ORDER BY key
