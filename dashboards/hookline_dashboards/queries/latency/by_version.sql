-- Did a version of the agent make it slower? Requests and calls as its own traces tell of them, by version.
SELECT
    toString(any(version)) AS of_version,
    if(any(what) = 'claude_code.llm_request', 'model request', 'tool call') AS of_what,
    count() AS times,
    quantile(0.5)(seconds) AS p50,
    quantile(0.95)(seconds) AS p95
FROM client_runs_between(since = $__fromTime, until = $__toTime)
WHERE what IN ('claude_code.llm_request', 'claude_code.tool.execution')
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(
      what = 'claude_code.llm_request' OR call_id IN (
          SELECT call_id FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime)) WHERE tool IN (${tool:singlequote})), $tool)
  AND $__conditionalAll(what != 'claude_code.llm_request' OR name IN (${model:singlequote}), $model)
GROUP BY cityHash64(version) - (what = 'claude_code.llm_request')
ORDER BY of_version DESC, of_what
LIMIT 50
