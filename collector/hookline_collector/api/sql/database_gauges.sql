-- What did the agent tell last of its databases' machines and connections: as it was worked out, and in what is not worked out yet?
SELECT
    if(resource['hookline.db.name'] != '', resource['hookline.db.name'], concat(resource['server.address'], ':', resource['server.port'])) AS database,
    metric, argMax(last, at) AS amount
FROM (
    SELECT ResourceAttributes AS resource, MetricName AS metric, Last AS last, Bucket AS at
    FROM {source:Identifier} FINAL
    WHERE MetricName IN ('hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest')
      AND Bucket > {since:DateTime('UTC')} - {step:UInt32} AND Bucket <= {until:DateTime('UTC')}
    UNION ALL
    SELECT ResourceAttributes, MetricName, Value, TimeUnix
    FROM otel_metrics_gauge
    WHERE MetricName IN ('hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest')
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
)
GROUP BY database, metric
LIMIT 10000
