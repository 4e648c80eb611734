-- The same of running totals: what they grew by from their last point on; one that begins anew counts whole.
SELECT
    Attributes['hookline.db.statement_hash'] AS statement_hash, Attributes['db.query.summary'] AS summary, any(Attributes['db.system.name']) AS system,
    sum(multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count)) AS calls,
    sum(multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum)) AS total_s
FROM (
    WITH
        dateDiff('second', time_before, TimeUnix) > 3600 AS is_first,
        NOT is_first AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
        is_first AND StartTimeUnix < TimeUnix - 3600 AS is_unknown
    SELECT
        Attributes, StartTimeUnix, TimeUnix, Count, Sum, goes_on, is_unknown,
        lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Count) OVER w AS count_before, lagInFrame(Sum) OVER w AS sum_before
    FROM (
        SELECT ScopeName, MetricUnit, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, ExplicitBounds AS bounds
        FROM otel_metrics_histogram
        WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 2 AND ServiceName = {service:String}
          AND TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
        UNION ALL
        SELECT ScopeName, MetricUnit, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, emptyArrayFloat64()
        FROM otel_metrics_exponential_histogram
        WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 2 AND ServiceName = {service:String}
          AND TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
    )
    WINDOW w AS (
        PARTITION BY ScopeName, MetricUnit, ResourceAttributes, Attributes, bounds ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE TimeUnix >= {since:DateTime('UTC')}
GROUP BY statement_hash, summary
HAVING calls > 0
