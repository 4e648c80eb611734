-- The newest entries of the log, of one target or of all.
SELECT
    message_id, target, receiver, group_key, reason, alerts_firing, alerts_resolved, attempt, outcome, code, answer, at_ns, duration_ns, after_breach_ns
FROM deliveries
WHERE :target = '' OR target = :target
ORDER BY seq DESC
LIMIT :most
