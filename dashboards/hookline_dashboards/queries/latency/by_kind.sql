-- How long do agents take for the same kind of work, and how often does it fail?
SELECT
    toString(tool_kind) AS kind,
    toString(agent) AS who,
    count() AS calls,
    countIf(outcome = 'failure') / count() AS failed,
    quantile(0.5)(run_s) AS p50,
    quantile(0.95)(run_s) AS p95,
    quantile(0.99)(run_s) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started)
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY kind, who
ORDER BY kind, total DESC
LIMIT 100
