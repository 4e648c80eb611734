-- Does all that was received since the start add up? (received = stored + rejected + known already + quarantined + waiting)
WITH
    ['hookline.collector.received', 'hookline.collector.stored', 'hookline.collector.rejected', 'hookline.collector.deduplicated',
        'hookline.collector.quarantined', 'hookline.collector.journal_items'] AS of_metrics,
    {{sums_told_from}}
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
    FROM (
        SELECT MetricName AS metric, signal, reason, Bucket AS time, Last AS last
        FROM otel_metrics_1h FINAL
        PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
        UNION ALL
        SELECT MetricName, signal, reason, Bucket, Last
        FROM otel_metrics_minutes FINAL
        PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
        UNION ALL
        SELECT
            MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']),
            toDateTime(TimeUnix, 'UTC'), Value
        FROM otel_metrics_sum
        PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
        UNION ALL
        SELECT
            MetricName, toLowCardinality(Attributes['hookline.signal']), toLowCardinality(Attributes['hookline.reason']),
            toDateTime(TimeUnix, 'UTC'), Value
        FROM otel_metrics_gauge
        PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
    )
    WHERE signal != ''
    GROUP BY metric, signal, reason
)
GROUP BY signal
ORDER BY signal
