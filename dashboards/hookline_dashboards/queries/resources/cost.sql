-- What did the requests cost, by model? Without those whose cost nobody knows.
SELECT $__timeInterval(time) AS t, toString(model) AS name, sum(cost_usd) AS cost
FROM usage_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(time)
  AND $__conditionalAll(of_user IN (${person:singlequote}), $person)
  AND $__conditionalAll(of_project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY t, name
HAVING cost > 0
ORDER BY t, name
