-- Does all that was received since the start add up? (received = stored + rejected + known already + quarantined + waiting)
SELECT
    signal,
    sumIf(value, metric = 'hookline.collector.received') AS received,
    sumIf(value, metric = 'hookline.collector.stored') AS stored,
    sumIf(value, metric = 'hookline.collector.rejected') AS rejected,
    sumIf(value, metric = 'hookline.collector.deduplicated') AS `known already`,
    sumIf(value, metric = 'hookline.collector.quarantined') AS quarantined,
    sumIf(value, metric = 'hookline.collector.journal_items') AS waiting,
    received - stored - rejected - `known already` - quarantined - waiting AS missing
FROM (
    SELECT metric, signal, reason, argMax(last, time) AS value
    FROM last_values(
        metrics = ['hookline.collector.received', 'hookline.collector.stored', 'hookline.collector.rejected', 'hookline.collector.deduplicated',
            'hookline.collector.quarantined', 'hookline.collector.journal_items'],
        since = $__fromTime, until = $__toTime, step = $__interval_s)
    WHERE signal != ''
    GROUP BY metric, signal, reason
)
GROUP BY signal
ORDER BY signal
