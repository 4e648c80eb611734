-- Which alerts fire at the end of the range, since when, and why?
SELECT rule_now AS name, severity, summary, since, measured, place, session
FROM (
    SELECT
        fingerprint,
        argMax(toString(rule), changed) AS rule_now,
        argMax(toString(to_state), changed) AS state,
        argMax(labels['severity'], changed) AS severity,
        argMax(annotations['summary'], changed) AS summary,
        argMax(fired, changed) AS since,
        argMax(value, changed) AS measured,
        argMax(labels['project'], changed) AS place,
        argMax(labels['session_id'], changed) AS session
    FROM alerts_state FINAL
    WHERE changed <= $__toTime AND changed > $__fromTime - 2592000
      AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
    GROUP BY fingerprint
)
WHERE state = 'firing'
ORDER BY since DESC
LIMIT 200
