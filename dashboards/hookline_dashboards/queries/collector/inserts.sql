-- How many inserts did the store answer and refuse in an interval?
WITH
    ['hookline.collector.flushes', 'hookline.collector.flush_failures'] AS of_metrics,
    greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from
SELECT
    $__timeInterval(time) AS t,
    sumIf(increase, metric = 'hookline.collector.flushes') AS answered,
    sumIf(increase, metric = 'hookline.collector.flush_failures') AS refused
FROM (
    {{sums_of_range}}
)
GROUP BY t
ORDER BY t
