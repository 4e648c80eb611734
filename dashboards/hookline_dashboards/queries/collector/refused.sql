-- Why were requests told to come again, or refused for good?
WITH
    ['hookline.collector.refused', 'hookline.collector.invalid'] AS of_metrics,
    {{sums_told_from}}
SELECT
    concat(if(metric = 'hookline.collector.refused', 'again: ', 'never: '), s.reason) AS reason,
    sum(increase) AS requests
FROM (
    {{sums_of_range}}
) AS s
GROUP BY reason
HAVING requests > 0
ORDER BY requests DESC
LIMIT 20
