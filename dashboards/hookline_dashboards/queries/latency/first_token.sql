-- How long does a model take to its first token, by model? Told by agents' own traces.
SELECT
    $__timeInterval(Timestamp) AS t,
    SpanAttributes['gen_ai.request.model'] AS name,
    quantile(0.5)(toFloat64OrZero(SpanAttributes['ttft_ms'])) / 1000 AS p50,
    quantile(0.95)(toFloat64OrZero(SpanAttributes['ttft_ms'])) / 1000 AS p95
FROM otel_traces
WHERE $__timeFilter(Timestamp) AND SpanName IN ('claude_code.llm_request', 'qwen-code.llm_request') AND SpanAttributes['ttft_ms'] != ''
  AND $__conditionalAll(
      SpanAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      SpanAttributes['session.id'] IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(ServiceName IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(SpanAttributes['gen_ai.request.model'] IN (${model:singlequote}), $model)
GROUP BY t, name
ORDER BY t, name
