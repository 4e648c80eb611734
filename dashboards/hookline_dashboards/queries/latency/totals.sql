-- How many tool calls were made, how long did they take, which share failed, and how long did they wait for a permission?
SELECT
    count() AS calls,
    quantile(0.5)(run_s) AS median,
    quantile(0.95)(run_s) AS `95 % within`,
    countIf(outcome = 'failure') / count() AS failed,
    sum(wait_s) AS `waited for you`
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
HAVING calls > 0
