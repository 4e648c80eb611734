-- What became of the items of an interval that were not simply stored, by what became of them?
SELECT
    $__timeInterval(time) AS t,
    sumIf(increase, metric = 'hookline.collector.rejected') AS rejected,
    sumIf(increase, metric = 'hookline.collector.deduplicated') AS `known already`,
    sumIf(increase, metric = 'hookline.collector.quarantined') AS quarantined
FROM sum_values(
    metrics = ['hookline.collector.rejected', 'hookline.collector.deduplicated', 'hookline.collector.quarantined'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t
