-- The same of what is not worked out yet.
SELECT attributes['hookline.db.statement_hash'] AS statement_hash, attributes['db.query.summary'] AS summary, any(attributes['db.system.name']) AS system,
    sum(counted) AS calls, sum(took) AS total_s
FROM (
    SELECT Attributes AS attributes, Count AS counted, Sum AS took
    FROM otel_metrics_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1 AND ServiceName = {service:String}
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
    UNION ALL
    SELECT Attributes, Count, Sum
    FROM otel_metrics_exponential_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1 AND ServiceName = {service:String}
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
)
GROUP BY statement_hash, summary
HAVING calls > 0
