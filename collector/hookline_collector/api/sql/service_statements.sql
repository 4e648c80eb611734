-- Which statements does a service call, and how long do they take: in worked-out hours or minutes?
SELECT
    Attributes['hookline.db.statement_hash'] AS statement_hash,
    Attributes['db.query.summary'] AS summary,
    any(Attributes['db.system.name']) AS system,
    sum(Observations) AS calls,
    sum(Increase) AS total_s
FROM {source:Identifier} FINAL
WHERE MetricName = 'db.client.operation.duration' AND ServiceName = {service:String}
  AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
GROUP BY statement_hash, summary
HAVING calls > 0
