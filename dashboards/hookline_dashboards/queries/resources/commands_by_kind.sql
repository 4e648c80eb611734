-- What did the commands of calls cost, by kind of tool? Processor time of the agent's processes that ended during a call.
SELECT
    toString(tool_kind) AS kind,
    toString(tool) AS name,
    count() AS calls,
    sum(process_cpu_s) AS processor,
    quantile(0.5)(process_cpu_s) AS p50,
    quantile(0.95)(process_cpu_s) AS p95,
    sum(process_cpu_s) / nullIf(sum(run_s), 0) AS cores,
    countIf(process_cpu_shared = 1) / count() AS shared
FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started) AND process_cpu_s IS NOT NULL
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
GROUP BY kind, name
HAVING processor > 0
ORDER BY processor DESC
LIMIT 50
