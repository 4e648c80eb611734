-- What became of alerts: every change of a state, the newest first?
SELECT
    changed AS at,
    toString(rule) AS name,
    toString(from_state) AS was,
    toString(to_state) AS became,
    value AS measured,
    labels['severity'] AS severity,
    labels['project'] AS place,
    labels['session_id'] AS session,
    annotations['summary'] AS summary
FROM alerts_state FINAL
WHERE $__timeFilter(changed)
  AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
ORDER BY at DESC
LIMIT 1000
