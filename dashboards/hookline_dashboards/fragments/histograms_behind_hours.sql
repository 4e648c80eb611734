SELECT ServiceName, Attributes, toDateTime(TimeUnix, 'UTC'), Count, Sum, BucketCounts, ExplicitBounds
FROM otel_metrics_histogram
PREWHERE MetricName IN of_metrics AND AggregationTemporality = 1 AND TimeUnix >= rows_from AND TimeUnix < rows_to
UNION ALL
SELECT ServiceName, Attributes, toDateTime(TimeUnix, 'UTC'), Count, Sum, emptyArrayUInt64(), emptyArrayFloat64()
FROM otel_metrics_exponential_histogram
PREWHERE MetricName IN of_metrics AND AggregationTemporality = 1 AND TimeUnix >= rows_from AND TimeUnix < rows_to
UNION ALL
SELECT
    ServiceName, Attributes, toDateTime(TimeUnix, 'UTC'),
    multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count),
    multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum),
    multiIf(
        is_unknown, emptyArrayUInt64(),
        goes_on AND length(BucketCounts) = length(counts_before),
        arrayMap((n, before) -> toUInt64(greatest(n, before) - before), BucketCounts, counts_before),
        BucketCounts),
    ExplicitBounds
FROM (
    WITH
        toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        has_before AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
        NOT has_before AND toUnixTimestamp64Nano(StartTimeUnix) < toUnixTimestamp64Nano(TimeUnix) - 3600000000000 AS is_unknown
    SELECT
        ServiceName, Attributes, TimeUnix, Count, Sum, BucketCounts, ExplicitBounds, goes_on, is_unknown,
        lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Count) OVER w AS count_before,
        lagInFrame(Sum) OVER w AS sum_before, lagInFrame(BucketCounts) OVER w AS counts_before
    FROM (
        SELECT
            ServiceName, Attributes, StartTimeUnix, TimeUnix, Count, Sum, BucketCounts, ExplicitBounds,
            cityHash64(ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, ExplicitBounds) AS series
        FROM otel_metrics_histogram
        PREWHERE MetricName IN of_metrics AND AggregationTemporality = 2
            AND TimeUnix >= rows_from - 3600 AND TimeUnix < rows_to
        UNION ALL
        SELECT
            ServiceName, Attributes, StartTimeUnix, TimeUnix, Count, Sum, emptyArrayUInt64(), emptyArrayFloat64(),
            cityHash64(ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes)
        FROM otel_metrics_exponential_histogram
        PREWHERE MetricName IN of_metrics AND AggregationTemporality = 2
            AND TimeUnix >= rows_from - 3600 AND TimeUnix < rows_to
    )
    WINDOW w AS (PARTITION BY series ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= rows_from
