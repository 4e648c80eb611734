-- How long does a model take to its first token, by model? Told by agents' own traces.
WITH
    ['claude_code.llm_request', 'qwen-code.llm_request'] AS of_what,
    (SELECT max(hour) + 3600 FROM db_rollup_hours WHERE what = 'client spans') AS rows_from,
    quantiles(0.5, 0.95)(assumeNotNull(first_token_s)) AS within
SELECT
    $__timeInterval(time) AS t,
    toString(name) AS of_model,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95
FROM (
    SELECT time, session_id, service, name, first_token_s
    FROM client_timings FINAL
    WHERE time >= $__fromTime AND time < least($__toTime, rows_from) AND what IN of_what AND first_token_s IS NOT NULL
    UNION ALL
    SELECT
        Timestamp, SpanAttributes['session.id'], toString(ServiceName), SpanAttributes['gen_ai.request.model'],
        toFloat64OrZero(SpanAttributes['ttft_ms']) / 1000
    FROM otel_traces
    PREWHERE SpanName IN of_what AND Timestamp >= greatest($__fromTime, rows_from) AND Timestamp < $__toTime
    WHERE SpanAttributes['ttft_ms'] != ''
)
WHERE $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
  AND $__conditionalAll(
      session_id IN (
          SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
  AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
  AND $__conditionalAll(name IN (${model:singlequote}), $model)
GROUP BY t, of_model
ORDER BY t WITH FILL STEP $__interval_s, lower(of_model)
INTERPOLATE (of_model)
