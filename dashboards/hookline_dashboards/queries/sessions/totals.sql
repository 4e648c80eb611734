-- How many sessions were there, with how many prompts, calls and failures, and at what cost?
SELECT
    count() AS sessions_in_all,
    countIf(ended IS NULL) AS open,
    sum(prompts) AS prompts_in_all,
    sum(calls) AS calls_in_all,
    sum(cost_usd) AS cost
FROM sessions
WHERE last >= $__fromTime AND started <= $__toTime
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(model IN (${model:singlequote}), $model)
HAVING sessions_in_all > 0
