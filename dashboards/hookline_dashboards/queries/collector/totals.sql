-- How many items were received and stored, how many were lost, and how many requests had to be sent again?
WITH
    ['hookline.collector.received', 'hookline.collector.stored', 'hookline.collector.rejected',
        'hookline.collector.quarantine_dropped', 'hookline.collector.refused'] AS of_metrics,
    {{sums_told_from}}
SELECT
    sumIf(increase, metric = 'hookline.collector.received') AS received,
    sumIf(increase, metric = 'hookline.collector.stored') AS stored,
    sumIf(increase, metric IN ('hookline.collector.rejected', 'hookline.collector.quarantine_dropped')) AS lost,
    sumIf(increase, metric = 'hookline.collector.refused') AS `sent again`
FROM (
    {{sums_of_range}}
)
HAVING count() > 0
