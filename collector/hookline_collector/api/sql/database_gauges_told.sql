-- The same of what is not worked out yet.
SELECT
    if(ResourceAttributes['hookline.db.name'] != '', ResourceAttributes['hookline.db.name'], concat(ResourceAttributes['server.address'], ':', ResourceAttributes['server.port'])) AS database,
    MetricName AS metric, argMax(Value, TimeUnix) AS amount
FROM otel_metrics_gauge
WHERE MetricName IN ('hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest')
  AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
GROUP BY database, metric
LIMIT 10000
