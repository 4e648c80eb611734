-- Which statements did services call, and how long did that take?
WITH
    ['db.client.operation.duration'] AS of_metrics,
    {{histograms_worked_out}}
SELECT
    attributes['db.query.summary'] AS name,
    toString(service) AS place,
    attributes['hookline.db.statement_hash'] AS statement,
    sum(observations) AS calls,
    sum(increase) / sum(observations) AS mean,
    sum(increase) AS total
FROM (
    {{histograms_of_range}}
)
WHERE $__conditionalAll(service IN (${service:singlequote}), $service)
GROUP BY name, place, statement
HAVING calls > 0
ORDER BY total DESC
LIMIT 100
