-- The same of what is not worked out yet.
SELECT
    if(attributes['hookline.db.name'] != '', attributes['hookline.db.name'], concat(attributes['server.address'], ':', attributes['server.port'])) AS database,
    metric, argMax(newest, at) AS amount
FROM (
    SELECT ResourceAttributes AS attributes, MetricName AS metric, argMax(Value, TimeUnix) AS newest, max(TimeUnix) AS at
    FROM otel_metrics_gauge
    PREWHERE MetricName IN ('hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest')
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
    GROUP BY attributes, metric
)
GROUP BY database, metric
LIMIT 10000
