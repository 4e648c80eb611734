-- How busy are the machines: processor and memory in use? Intervals in which none told anything are filled before there is a row for each machine.
WITH
    ['system.cpu.utilization', 'system.memory.utilization'] AS of_metrics,
    {{sums_told_from}}
SELECT t, line.1 AS host, line.2 AS processor, line.3 AS memory
FROM (
    SELECT t, groupArray((host, of_processor, of_memory)) AS lines
    FROM (
        SELECT
            $__timeInterval(time) AS t,
            host,
            sumIf(total, metric = 'system.cpu.utilization') / nullIf(sumIf(points, metric = 'system.cpu.utilization'), 0) AS of_processor,
            maxOrNullIf(most, metric = 'system.memory.utilization' AND state = 'used') AS of_memory
        FROM (
            SELECT MetricName AS metric, host, state, Bucket AS time, Total AS total, Points AS points, Max AS most
            FROM otel_metrics_1h FINAL
            PREWHERE $__interval_s >= 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 3600 AND Bucket <= $__toTime
            UNION ALL
            SELECT MetricName, host, state, Bucket, Total, Points, Max
            FROM otel_metrics_minutes FINAL
            PREWHERE $__interval_s < 3600 AND MetricName IN of_metrics AND Bucket > $__fromTime - 60 AND Bucket <= $__toTime
            UNION ALL
            SELECT
                MetricName,
                toLowCardinality(ResourceAttributes['host.name']),
                toLowCardinality(Attributes['system.memory.state']),
                toDateTime(TimeUnix, 'UTC'), Value, 1, Value
            FROM otel_metrics_gauge
            PREWHERE MetricName IN of_metrics AND TimeUnix >= rows_from AND TimeUnix <= $__toTime
        )
        GROUP BY t, host
    )
    GROUP BY t
    ORDER BY t WITH FILL STEP $__interval_s
    INTERPOLATE (lines AS arrayMap(line -> (line.1, NULL, NULL), arraySlice(arraySort(line -> lower(line.1), lines), -1)))
)
ARRAY JOIN lines AS line
ORDER BY t, lower(host)
