-- What became of the items of an interval that were not simply stored, by what became of them?
WITH
    ['hookline.collector.rejected', 'hookline.collector.deduplicated', 'hookline.collector.quarantined'] AS of_metrics,
    greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from
SELECT
    $__timeInterval(time) AS t,
    sumIf(increase, metric = 'hookline.collector.rejected') AS rejected,
    sumIf(increase, metric = 'hookline.collector.deduplicated') AS `known already`,
    sumIf(increase, metric = 'hookline.collector.quarantined') AS quarantined
FROM (
    {{sums_of_range}}
)
GROUP BY t
ORDER BY t
