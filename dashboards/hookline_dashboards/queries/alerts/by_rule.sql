-- Which rules fire most, and for how long?
SELECT
    toString(rule) AS name,
    toString(rule_group) AS of_group,
    countIf(to_state = 'firing') AS times,
    sumIf(dateDiff('second', fired, changed), from_state = 'firing' AND to_state != 'firing' AND fired > toDateTime64(1, 9)) AS fired_for,
    max(changed) AS newest
FROM alerts
WHERE $__timeFilter(changed)
  AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
GROUP BY name, of_group
HAVING times > 0
ORDER BY times DESC
LIMIT 100
