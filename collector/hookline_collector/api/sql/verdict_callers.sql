-- Which services called the statements of verdicts meanwhile, by the minute: as worked out, and from points behind that? Verdict and statement come in pairs.
SELECT verdict_id, service, sum(counted) AS calls, sum(took) AS total_s
FROM (
    SELECT ServiceName AS service, Attributes['hookline.db.statement_hash'] AS statement_hash, Bucket AS minute, Observations AS counted, Increase AS took
    FROM otel_metrics_minutes FINAL
    WHERE MetricName = 'db.client.operation.duration' AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
      AND Bucket < {worked_until:DateTime('UTC')} AND toDate(Bucket) IN {days:Array(Date)}
      AND Series IN (
        SELECT Series
        FROM otel_metrics_1h
        WHERE MetricName = 'db.client.operation.duration' AND Bucket >= {since:DateTime('UTC')} - 3600 AND Bucket < {until:DateTime('UTC')}
          AND Attributes['hookline.db.statement_hash'] IN {hashes:Array(String)})
    UNION ALL
    SELECT ServiceName, Attributes['hookline.db.statement_hash'], toStartOfMinute(TimeUnix, 'UTC'), Count, Sum
    FROM otel_metrics_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
    UNION ALL
    SELECT ServiceName, Attributes['hookline.db.statement_hash'], toStartOfMinute(TimeUnix, 'UTC'), Count, Sum
    FROM otel_metrics_exponential_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
    UNION ALL
    -- running totals: what they grew by from their last point on; one that begins anew counts whole (`service_statements_running`)
    SELECT service, statement_hash, toStartOfMinute(TimeUnix, 'UTC'),
        multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count), multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum)
    FROM (
        WITH
            dateDiff('second', time_before, TimeUnix) > 3600 AS is_first,
            NOT is_first AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
            is_first AND StartTimeUnix < TimeUnix - 3600 AS is_unknown
        SELECT
            ServiceName AS service, Attributes['hookline.db.statement_hash'] AS statement_hash, TimeUnix, Count, Sum, goes_on, is_unknown,
            lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Count) OVER w AS count_before, lagInFrame(Sum) OVER w AS sum_before
        FROM (
            SELECT ServiceName, ScopeName, MetricUnit, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, ExplicitBounds AS bounds
            FROM otel_metrics_histogram
            WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 2
              AND Attributes['hookline.db.statement_hash'] IN {hashes:Array(String)}
              AND TimeUnix >= {worked_until:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
            UNION ALL
            SELECT ServiceName, ScopeName, MetricUnit, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, emptyArrayFloat64()
            FROM otel_metrics_exponential_histogram
            WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 2
              AND Attributes['hookline.db.statement_hash'] IN {hashes:Array(String)}
              AND TimeUnix >= {worked_until:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
        )
        WINDOW w AS (
            PARTITION BY ScopeName, MetricUnit, ResourceAttributes, Attributes, bounds ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
    WHERE TimeUnix >= {worked_until:DateTime('UTC')}
) AS called
INNER JOIN (
    SELECT pair.1 AS verdict_id, pair.2 AS statement_hash, pair.3 AS begin, pair.4 AS end
    FROM (SELECT arrayJoin(arrayZip({verdicts:Array(String)}, {hashes:Array(String)}, {begins:Array(Int64)}, {ends:Array(Int64)})) AS pair)
) AS carried ON called.statement_hash = carried.statement_hash
WHERE toUnixTimestamp(minute) BETWEEN begin AND end
GROUP BY verdict_id, service
HAVING calls > 0
ORDER BY verdict_id, total_s DESC, service
