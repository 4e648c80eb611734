-- What became of the items of an interval that were not simply stored, by what became of them?
WITH
    ['hookline.collector.rejected', 'hookline.collector.deduplicated', 'hookline.collector.quarantined'] AS of_metrics,
    {{sums_told_from}}
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
