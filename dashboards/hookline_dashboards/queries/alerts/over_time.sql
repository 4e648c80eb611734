-- How often did which rule begin to fire?
SELECT $__timeInterval(changed) AS t, toString(rule) AS name, count() AS times
FROM alerts_state FINAL
WHERE $__timeFilter(changed) AND to_state = 'firing'
  AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
GROUP BY t, name
ORDER BY t, name
