-- How many tool calls were made, how long did they take, which share failed, and how long did they wait for a permission?
WITH
    countIf(outcome != 'denied') AS ran,
    quantilesIf(0.5, 0.95)(run_s, outcome != 'denied') AS within
SELECT
    count() AS calls,
    if(ran > 0, within[1], NULL) AS median,
    if(ran > 0, within[2], NULL) AS `95 % within`,
    countIf(outcome = 'failure') / count() AS failed,
    sum(wait_s) AS `waited for you`
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
HAVING calls > 0
