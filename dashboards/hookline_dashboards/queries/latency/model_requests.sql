-- How long do requests to the models take: 95 of 100 are answered within, by model?
SELECT $__timeInterval(time) AS t, toString(model) AS name, quantileOrNull(0.95)(duration_s) AS p95
FROM usage_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(time)
  AND $__conditionalAll(of_user IN (${person:singlequote}), $person)
  AND $__conditionalAll(of_project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
  AND duration_s > 0
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
