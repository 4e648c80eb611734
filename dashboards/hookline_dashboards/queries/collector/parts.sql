-- Of how many parts do the tables consist, and how many merges run?
SELECT
    $__timeInterval(time) AS t,
    maxOrNullIf(most, metric = 'hookline.collector.store_parts') AS parts,
    maxOrNullIf(most, metric = 'hookline.collector.store_merges') AS merges
FROM gauge_values(
    metrics = ['hookline.collector.store_parts', 'hookline.collector.store_merges'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
