-- When was which alert pending or firing?
SELECT toDateTime(changed) AS t, concat(toString(rule), if(labels['project'] = '', '', concat(' ', labels['project']))) AS lane,
    if(to_state IN ('firing', 'pending'), toString(to_state), '') AS state
FROM alerts_state FINAL
WHERE $__timeFilter(changed)
  AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
ORDER BY changed, lane
LIMIT 5000
