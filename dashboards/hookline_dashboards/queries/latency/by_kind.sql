-- How long do agents take for the same kind of work, and how often does it fail?
SELECT
    toString(any(tool_kind)) AS kind,
    toString(any(agent)) AS who,
    count() AS calls,
    countIf(outcome = 'failure') / count() AS failed,
    quantile(0.5)(run_s) AS p50,
    quantile(0.95)(run_s) AS p95,
    quantile(0.99)(run_s) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY cityHash64(tool_kind) - cityHash64(agent)
ORDER BY kind, total DESC
LIMIT 100
