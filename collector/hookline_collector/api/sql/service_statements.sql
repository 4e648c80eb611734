-- Which statements does a service call, and how long do they take: in worked-out hours or minutes, and points of the hours behind them?
SELECT
    attributes['hookline.db.statement_hash'] AS statement_hash,
    any(attributes['db.query.summary']) AS summary,
    any(attributes['db.system.name']) AS system,
    sum(observations) AS calls,
    sum(increase) AS total_s
FROM (
    SELECT Attributes AS attributes, Observations AS observations, Increase AS increase
    FROM {source:Identifier} FINAL
    WHERE MetricName = 'db.client.operation.duration' AND ServiceName = {service:String}
      AND Bucket > {since:DateTime('UTC')} - {step:UInt32} AND Bucket <= {until:DateTime('UTC')}
    UNION ALL
    SELECT Attributes, Count, Sum
    FROM otel_metrics_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1 AND ServiceName = {service:String}
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
    UNION ALL
    SELECT Attributes, Count, Sum
    FROM otel_metrics_exponential_histogram
    WHERE MetricName = 'db.client.operation.duration' AND AggregationTemporality = 1 AND ServiceName = {service:String}
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
)
GROUP BY statement_hash, attributes['db.query.summary']
HAVING calls > 0
ORDER BY total_s DESC
LIMIT 50
