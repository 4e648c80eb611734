-- Does all that was received since the start add up? (received = stored + rejected + known already + quarantined + waiting)
SELECT
    attributes['hookline.signal'] AS signal,
    sum(if(metric = 'hookline.collector.received', value, 0)) AS received,
    sum(if(metric = 'hookline.collector.stored', value, 0)) AS stored,
    sum(if(metric = 'hookline.collector.rejected', value, 0)) AS rejected,
    sum(if(metric = 'hookline.collector.deduplicated', value, 0)) AS `known already`,
    sum(if(metric = 'hookline.collector.quarantined', value, 0)) AS quarantined,
    sum(if(metric = 'hookline.collector.journal_items', value, 0)) AS waiting,
    received - stored - rejected - `known already` - quarantined - waiting AS missing
FROM (
    SELECT metric, attributes, argMax(last_of_series, told) AS value
    FROM (
        SELECT metric, any(attributes) AS attributes, argMax(last, time) AS last_of_series, max(time) AS told
        FROM metric_values(
            metrics = ['hookline.collector.received', 'hookline.collector.stored', 'hookline.collector.rejected', 'hookline.collector.deduplicated',
                'hookline.collector.quarantined', 'hookline.collector.journal_items'],
            since = $__fromTime, until = $__toTime, step = $__interval_s)
        GROUP BY metric, series
    )
    GROUP BY metric, attributes
)
WHERE signal != ''
GROUP BY signal
ORDER BY signal
