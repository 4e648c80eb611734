-- What did the agent tell last of its databases' machines and connections, as it was worked out by the minute or hour?
SELECT
    if(ResourceAttributes['hookline.db.name'] != '', ResourceAttributes['hookline.db.name'], concat(ResourceAttributes['server.address'], ':', ResourceAttributes['server.port'])) AS database,
    MetricName AS metric, argMax(Last, Bucket) AS amount
FROM {source:Identifier} FINAL
WHERE MetricName IN ('hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest')
  AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
GROUP BY database, metric
LIMIT 10000
