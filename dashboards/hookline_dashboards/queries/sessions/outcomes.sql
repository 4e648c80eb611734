-- What came of the prompts?
SELECT toString(outcome) AS what, count() AS prompts_in_all
FROM turns_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY what
ORDER BY prompts_in_all DESC
