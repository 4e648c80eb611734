-- The same, and of those that tell running totals what they grew by; one that begins anew counts whole.
${histogram_deltas_told}
UNION ALL
SELECT
    MetricName, ServiceName, ResourceAttributes, Attributes, series, toDateTime(TimeUnix, 'UTC'), 1, Sum, Min, Max, Sum,
    multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum),
    multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count)
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        has_before AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
        NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max, series,
        lagInFrame(TimeUnix) OVER w AS time_before,
        lagInFrame(Count) OVER w AS count_before,
        lagInFrame(Sum) OVER w AS sum_before,
        goes_on, is_unknown
    FROM (
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality,
                ExplicitBounds) AS series
        FROM ${database}.otel_metrics_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
        UNION ALL
        SELECT
            MetricName, ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, Min, Max,
            cityHash64(
                ServiceName, MetricName, MetricUnit, 'exponential_histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
        FROM ${database}.otel_metrics_exponential_histogram
        WHERE MetricName IN {metrics:Array(String)} AND AggregationTemporality = 2
          AND TimeUnix >= greatest({since:DateTime('UTC')}, worked_until) - 3600 AND TimeUnix <= {until:DateTime('UTC')}
    )
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= greatest({since:DateTime('UTC')}, worked_until)
