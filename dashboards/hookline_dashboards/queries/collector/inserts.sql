-- How many inserts did the store answer and refuse in an interval?
WITH
    ['hookline.collector.flushes', 'hookline.collector.flush_failures'] AS of_metrics,
    {{sums_told_from}}
SELECT
    $__timeInterval(time) AS t,
    sumIf(increase, metric = 'hookline.collector.flushes') AS answered,
    sumIf(increase, metric = 'hookline.collector.flush_failures') AS refused
FROM (
    {{sums_of_range}}
)
GROUP BY t
ORDER BY t
