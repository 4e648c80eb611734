-- How many items were received and stored, how many were lost, and how many requests had to be sent again?
SELECT
    sumIf(increase, metric = 'hookline.collector.received') AS received,
    sumIf(increase, metric = 'hookline.collector.stored') AS stored,
    sumIf(increase, metric IN ('hookline.collector.rejected', 'hookline.collector.quarantine_dropped')) AS lost,
    sumIf(increase, metric = 'hookline.collector.refused') AS `sent again`
FROM sum_values(
    metrics = ['hookline.collector.received', 'hookline.collector.stored', 'hookline.collector.rejected',
        'hookline.collector.quarantine_dropped', 'hookline.collector.refused'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
HAVING count() > 0
