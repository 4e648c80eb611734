-- What did the commands of calls cost, by kind of tool? Processor time of the agent's processes that ended during a call.
SELECT
    toString(any(tool_kind)) AS kind,
    toString(any(tool)) AS name,
    count() AS calls,
    sum(process_cpu_s) AS processor,
    quantile(0.5)(process_cpu_s) AS p50,
    quantile(0.95)(process_cpu_s) AS p95,
    sum(process_cpu_s) / nullIf(sum(run_s), 0) AS cores,
    countIf(process_cpu_shared = 1) / count() AS shared
FROM worked_commands FINAL
{{of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY cityHash64(tool_kind) - cityHash64(tool)
HAVING processor > 0
ORDER BY processor DESC
LIMIT 50
