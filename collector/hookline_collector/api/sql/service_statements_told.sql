-- The same of what is not worked out yet, and how many points tell running totals (`service_statements_running`).
SELECT attributes['hookline.db.statement_hash'] AS statement_hash, attributes['db.query.summary'] AS summary, any(attributes['db.system.name']) AS system,
    sumIf(counted, temporality = 1) AS calls, sumIf(took, temporality = 1) AS total_s, countIf(temporality = 2) AS running
FROM (
    SELECT Attributes AS attributes, Count AS counted, Sum AS took, AggregationTemporality AS temporality
    FROM otel_metrics_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality IN (1, 2) AND ServiceName = {service:String}
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
    UNION ALL
    SELECT Attributes, Count, Sum, AggregationTemporality
    FROM otel_metrics_exponential_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality IN (1, 2) AND ServiceName = {service:String}
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
)
GROUP BY statement_hash, summary
HAVING calls > 0 OR running > 0
