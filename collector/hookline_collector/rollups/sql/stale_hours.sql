SELECT toUnixTimestamp(h.hour) AS hour, h.points AS points
FROM (
    SELECT toDateTime(toStartOfHour(TimeUnix, 'UTC'), 'UTC') AS hour, count() AS points
    FROM (
        SELECT TimeUnix FROM otel_metrics_gauge WHERE toDate(TimeUnix, 'UTC') = {day:Date}
        UNION ALL SELECT TimeUnix FROM otel_metrics_sum WHERE toDate(TimeUnix, 'UTC') = {day:Date}
        UNION ALL SELECT TimeUnix FROM otel_metrics_histogram WHERE toDate(TimeUnix, 'UTC') = {day:Date}
        UNION ALL SELECT TimeUnix FROM otel_metrics_exponential_histogram WHERE toDate(TimeUnix, 'UTC') = {day:Date}
        UNION ALL SELECT TimeUnix FROM otel_metrics_summary WHERE toDate(TimeUnix, 'UTC') = {day:Date}
    )
    GROUP BY hour
) AS h
LEFT JOIN (SELECT hour, points FROM metric_rollup_hours FINAL WHERE toDate(hour) = {day:Date}) AS d ON d.hour = h.hour
WHERE h.points > d.points OR h.hour IN (
    SELECT hour FROM metric_rollup_hours FINAL WHERE {again:UInt8} = 1 AND version > (SELECT max(version) - 3600 FROM metric_rollup_hours))
ORDER BY hour
