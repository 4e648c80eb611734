-- Which statements does a service call, and how long do they take?
SELECT
    attributes['hookline.db.statement_hash'] AS statement_hash,
    any(attributes['db.query.summary']) AS summary,
    any(attributes['db.system.name']) AS system,
    sum(observations) AS calls,
    sum(increase) AS total_s
FROM metric_values(
    metrics = ['db.client.operation.duration'], since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, step = {step:UInt32})
WHERE service = {service:String}
GROUP BY statement_hash, attributes['db.query.summary']
HAVING calls > 0
ORDER BY total_s DESC
LIMIT 50
