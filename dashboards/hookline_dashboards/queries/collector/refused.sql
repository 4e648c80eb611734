-- Why were requests told to come again, or refused for good?
SELECT
    concat(if(metric = 'hookline.collector.refused', 'again: ', 'never: '), s.reason) AS reason,
    sum(increase) AS requests
FROM sum_values(
    metrics = ['hookline.collector.refused', 'hookline.collector.invalid'], since = $__fromTime, until = $__toTime, step = $__interval_s) AS s
GROUP BY reason
HAVING requests > 0
ORDER BY requests DESC
LIMIT 20
