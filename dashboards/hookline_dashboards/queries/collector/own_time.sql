-- How long do the collector's own steps take: the slowest insert, sync of the journal and sync of the store in an interval?
SELECT
    $__timeInterval(time) AS t,
    maxOrNullIf(most, metric = 'hookline.collector.flush_seconds') AS `insert`,
    maxOrNullIf(most, metric = 'hookline.collector.journal_sync_seconds') AS `journal sync`,
    maxOrNullIf(most, metric = 'hookline.collector.store_secure_seconds') AS `store sync`
FROM gauge_values(
    metrics = ['hookline.collector.flush_seconds', 'hookline.collector.journal_sync_seconds', 'hookline.collector.store_secure_seconds'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
