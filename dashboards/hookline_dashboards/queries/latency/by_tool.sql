-- Which tools take how long, fail how often, and wait how long?
WITH
    countIf(outcome != 'denied') AS ran,
    quantilesIf(0.5, 0.95, 0.99)(run_s, outcome != 'denied') AS within
SELECT
    toString(tool) AS name,
    count() AS calls,
    countIf(outcome = 'failure') / count() AS failed,
    countIf(outcome = 'denied') AS denied,
    if(ran > 0, within[1], NULL) AS p50,
    if(ran > 0, within[2], NULL) AS p95,
    if(ran > 0, within[3], NULL) AS p99,
    sum(run_s) AS total,
    sum(wait_s) AS waited
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY tool
ORDER BY total DESC
LIMIT 100
