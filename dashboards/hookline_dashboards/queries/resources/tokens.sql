-- How many tokens were used, by kind?
SELECT
    $__timeInterval(time) AS t,
    sum(input_tokens) AS input,
    sum(output_tokens) AS output,
    sum(cache_creation_tokens) AS `written to cache`,
    sum(cache_read_tokens) AS `read from cache`
FROM usage_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(time)
  AND $__conditionalAll(of_user IN (${person:singlequote}), $person)
  AND $__conditionalAll(of_project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
GROUP BY t
ORDER BY t
