-- How many inserts did the store answer and refuse in an interval?
SELECT
    $__timeInterval(time) AS t,
    sumIf(increase, metric = 'hookline.collector.flushes') AS answered,
    sumIf(increase, metric = 'hookline.collector.flush_failures') AS refused
FROM sum_values(
    metrics = ['hookline.collector.flushes', 'hookline.collector.flush_failures'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t
