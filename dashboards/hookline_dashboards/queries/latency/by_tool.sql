-- Which tools take how long, fail how often, and wait how long?
SELECT
    toString(tool) AS name,
    count() AS calls,
    countIf(outcome = 'failure') / count() AS failed,
    countIf(outcome = 'denied') AS denied,
    quantile(0.5)(run_s) AS p50,
    quantile(0.95)(run_s) AS p95,
    quantile(0.99)(run_s) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY tool
ORDER BY total DESC
LIMIT 100
