-- What did the agent tell last of its databases' machines and connections?
SELECT
    if(resource['hookline.db.name'] != '', resource['hookline.db.name'], concat(resource['server.address'], ':', resource['server.port'])) AS database,
    toString(metric) AS metric,
    argMax(last, time) AS amount
FROM metric_values(
    metrics = ['hookline.db.cores', 'hookline.db.connections.used_percent', 'hookline.db.transaction.oldest', 'hookline.db.agent.age'],
    since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, step = {step:UInt32})
GROUP BY database, metric
LIMIT 10000
