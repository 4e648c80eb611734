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
) AS called
INNER JOIN (
    SELECT pair.1 AS verdict_id, pair.2 AS statement_hash, pair.3 AS begin, pair.4 AS end
    FROM (SELECT arrayJoin(arrayZip({verdicts:Array(String)}, {hashes:Array(String)}, {begins:Array(Int64)}, {ends:Array(Int64)})) AS pair)
) AS carried ON called.statement_hash = carried.statement_hash
WHERE toUnixTimestamp(minute) BETWEEN begin AND end
GROUP BY verdict_id, service
HAVING calls > 0
ORDER BY verdict_id, total_s DESC, service
