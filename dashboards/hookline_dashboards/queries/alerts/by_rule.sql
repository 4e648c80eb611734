-- Which rules fire most, and for how long? What still fires counts until now.
SELECT name, of_group, sum(fired_times) AS times, sum(seconds) AS fired_for, max(last_change) AS newest
FROM (
    SELECT
        toString(rule) AS name,
        toString(rule_group) AS of_group,
        countIf(to_state = 'firing') AS fired_times,
        sumIf(dateDiff('second', fired, changed), from_state = 'firing' AND to_state != 'firing' AND fired > toDateTime64(1, 9))
            + if(argMax(to_state, changed) = 'firing',
                greatest(0, dateDiff('second', argMax(fired, changed), least(now(), $__toTime))), 0) AS seconds,
        max(changed) AS last_change
    FROM alerts_state FINAL
    WHERE $__timeFilter(changed)
      AND $__conditionalAll(rule IN (${rule:singlequote}), $rule)
    GROUP BY name, of_group, fingerprint
)
GROUP BY name, of_group
HAVING times > 0
ORDER BY times DESC
LIMIT 100
