-- How long do agents take for the same kind of work, and how often does it fail?
WITH
    true AS is_by_hours,
    sum(calls) AS made,
    made > sum(denials) AS some_ran,
    quantilesArray(0.5, 0.95, 0.99)(run_values) AS within,
    {{known_days}}
SELECT
    toString(any(tool_kind)) AS kind,
    toString(any(agent)) AS who,
    made AS calls,
    sum(failures) / made AS failed,
    if(some_ran, within[1], NULL) AS p50,
    if(some_ran, within[2], NULL) AS p95,
    if(some_ran, within[3], NULL) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_by_hour}}
GROUP BY cityHash64(tool_kind) - cityHash64(agent)
ORDER BY kind, total DESC
LIMIT 100
