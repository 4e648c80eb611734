-- How many tool calls were made, how long did they take, which share failed, and how long did they wait for a permission?
SELECT
    count() AS calls,
    quantile(0.5)(run_s) AS median,
    quantile(0.95)(run_s) AS `95 % within`,
    countIf(outcome = 'failure') / count() AS failed,
    sum(wait_s) AS `waited for you`
{{calls_of_range}}
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
HAVING calls > 0
