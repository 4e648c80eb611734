-- In which projects do tool calls take long?
SELECT toString(project) AS name, quantile(0.95)(run_s) AS p95
{{calls_of_range}}
  AND outcome != 'denied'
  AND $__conditionalAll(tool IN (${tool:singlequote}), $tool)
GROUP BY project
ORDER BY p95 DESC
LIMIT 15
