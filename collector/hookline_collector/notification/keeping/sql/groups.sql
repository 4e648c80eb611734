-- Every group.
SELECT state FROM alert_groups ORDER BY key
