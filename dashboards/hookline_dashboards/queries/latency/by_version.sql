-- Did a version of the agent make it slower? Requests and calls as its own traces tell of them, by version.
SELECT
    ResourceAttributes['service.version'] AS version,
    if(SpanName = 'claude_code.llm_request', 'model request', 'tool call') AS what,
    count() AS times,
    quantile(0.5)(Duration) / 1e9 AS p50,
    quantile(0.95)(Duration) / 1e9 AS p95
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND SpanName IN ('claude_code.llm_request', 'claude_code.tool.execution')
  AND $__conditionalAll(
      SpanAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      SpanAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(ServiceName IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(
      SpanName = 'claude_code.llm_request' OR SpanAttributes['gen_ai.tool.call.id'] IN (
          SELECT call_id FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime)) WHERE tool IN (${tool:singlequote})), $tool)
  AND $__conditionalAll(SpanName != 'claude_code.llm_request' OR SpanAttributes['gen_ai.request.model'] IN (${model:singlequote}), $model)
GROUP BY version, what
ORDER BY version DESC, what
LIMIT 50
