-- Which models answer how fast, and how many tokens a second do they write?
SELECT
    toString(model) AS name,
    count() AS requests,
    quantile(0.5)(duration_s) AS p50,
    quantile(0.95)(duration_s) AS p95,
    sum(output_tokens) / sum(duration_s) AS `tokens a second`
FROM usage_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(time)
  AND $__conditionalAll(of_user IN (${person:singlequote}), $person)
  AND $__conditionalAll(of_project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
  AND duration_s > 0
GROUP BY name
ORDER BY requests DESC
LIMIT 50
