-- How long does an agent wait for its hooks: Hookline's own, and all that are installed, where it tells? Whole hours in steps of hours.
WITH
    $__interval_s >= 3600 AS is_coarse,
    (SELECT max(hour) + 3600 FROM metric_rollup_hours) AS points_from,
    (SELECT max(hour) + 3600 FROM db_rollup_hours WHERE what = 'client records') AS rows_from
SELECT
    t,
    sum(if(is_own, total, 0)) / nullIf(sum(if(is_own, times, 0)), 0) AS `Hookline's own`,
    sum(if(is_own, 0, total)) / nullIf(sum(if(is_own, 0, times)), 0) AS `all hooks of an event`
FROM (
    SELECT $__timeInterval(time) AS t, 1 AS is_own, sum(s) AS total, sum(n) AS times
    FROM (
        SELECT Bucket AS time, Increase AS s, Observations AS n, ServiceName, ResourceAttributes, Attributes
        FROM otel_metrics_1h FINAL
        PREWHERE is_coarse AND MetricName = 'hookline.hook.duration' AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
        UNION ALL
        SELECT Bucket, Increase, Observations, ServiceName, ResourceAttributes, Attributes
        FROM otel_metrics_minutes FINAL
        PREWHERE NOT is_coarse AND MetricName = 'hookline.hook.duration' AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
        UNION ALL
        SELECT toDateTime(TimeUnix, 'UTC'), Sum, Count, ServiceName, ResourceAttributes, Attributes
        FROM otel_metrics_histogram
        PREWHERE MetricName = 'hookline.hook.duration' AND AggregationTemporality = 1
          AND TimeUnix >= greatest($__fromTime, points_from) AND TimeUnix <= $__toTime
        UNION ALL
        SELECT toDateTime(TimeUnix, 'UTC'), Sum, Count, ServiceName, ResourceAttributes, Attributes
        FROM otel_metrics_exponential_histogram
        PREWHERE MetricName = 'hookline.hook.duration' AND AggregationTemporality = 1
          AND TimeUnix >= greatest($__fromTime, points_from) AND TimeUnix <= $__toTime
    )
    WHERE $__conditionalAll(ResourceAttributes['user.name'] IN (${person:singlequote}), $person)
      AND $__conditionalAll(Attributes['hookline.project.name'] IN (${project:singlequote}), $project)
      AND $__conditionalAll(ServiceName IN (${agent:singlequote}), $agent)
    GROUP BY t
    UNION ALL
    SELECT $__timeInterval(time) AS t, 0 AS is_own, sum(s) AS total, sum(n) AS times
    FROM (
        SELECT hour + second AS time, session_id, service, s, if(is_coarse, times, 1) AS n
        FROM client_hours FINAL
        ARRAY JOIN if(is_coarse, [toUInt16(0)], seconds_in) AS second, if(is_coarse, [total_s], seconds) AS s
        PREWHERE what = 'hook_execution_complete' AND hour > $__fromTime - 3600 AND hour < least($__toTime, rows_from)
        WHERE is_coarse OR (time >= $__fromTime AND time < $__toTime)
        UNION ALL
        SELECT
            toDateTime(Timestamp, 'UTC'), LogAttributes['session.id'], ServiceName,
            toFloat64OrZero(LogAttributes['total_duration_ms']) / 1000, 1
        FROM otel_logs
        PREWHERE LogAttributes['event.name'] = 'hook_execution_complete' AND Timestamp >= greatest($__fromTime, rows_from) AND Timestamp < $__toTime
    )
    {{of_sessions}}
    GROUP BY t
)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
