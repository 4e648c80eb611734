-- How many alerts began and were over in the range, and how long did they fire?
SELECT
    countIf(to_state = 'firing') AS fired_times,
    countIf(from_state = 'firing' AND to_state != 'firing') AS over,
    avgIf(dateDiff('second', fired, changed), from_state = 'firing' AND to_state != 'firing' AND fired > toDateTime64(1, 9))
        AS `fired for, on average`
FROM alerts_state FINAL
WHERE $__timeFilter(changed)
  AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
HAVING count() > 0
