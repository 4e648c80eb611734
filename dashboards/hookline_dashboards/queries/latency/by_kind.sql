-- How long do agents take for the same kind of work, and how often does it fail?
WITH
    countIf(outcome != 'denied') AS ran,
    quantilesIf(0.5, 0.95, 0.99)(run_s, outcome != 'denied') AS within
SELECT
    toString(any(tool_kind)) AS kind,
    toString(any(agent)) AS who,
    count() AS calls,
    countIf(outcome = 'failure') / count() AS failed,
    if(ran > 0, within[1], NULL) AS p50,
    if(ran > 0, within[2], NULL) AS p95,
    if(ran > 0, within[3], NULL) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY cityHash64(tool_kind) - cityHash64(agent)
ORDER BY kind, total DESC
LIMIT 100
