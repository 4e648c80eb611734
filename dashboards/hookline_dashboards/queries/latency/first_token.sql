-- How long does a model take to its first token, by model? Told by agents' own traces; in steps of hours and more, of whole hours.
WITH
    ['claude_code.llm_request', 'qwen-code.llm_request'] AS of_what,
    $__interval_s >= 3600 AS is_coarse,
    (SELECT max(hour) + 3600 FROM db_rollup_hours WHERE what = 'client spans') AS rows_from,
    quantilesArray(0.5, 0.95)(told) AS within
SELECT
    $__timeInterval(time) AS t,
    toString(name) AS of_model,
    toNullable(within[1]) AS p50,
    toNullable(within[2]) AS p95
FROM (
    SELECT hour + second AS time, session_id, service, name, told
    FROM client_hours FINAL
    ARRAY JOIN
        if(is_coarse, [toUInt16(0)], seconds_in) AS second,
        if(is_coarse, [first_token_s], arrayMap(s -> [s], first_token_s)) AS told
    PREWHERE what IN of_what AND hour > $__fromTime - 3600 AND hour < least($__toTime, rows_from)
    WHERE is_coarse OR (time >= $__fromTime AND time < $__toTime)
    UNION ALL
    SELECT
        toDateTime(Timestamp, 'UTC'), SpanAttributes['session.id'], ServiceName, toLowCardinality(SpanAttributes['gen_ai.request.model']),
        [toFloat64OrZero(SpanAttributes['ttft_ms']) / 1000]
    FROM otel_traces
    PREWHERE SpanName IN of_what AND Timestamp >= greatest($__fromTime, rows_from) AND Timestamp < $__toTime
    WHERE SpanAttributes['ttft_ms'] != ''
)
{{of_sessions}}
  AND $__conditionalAll(name IN (${model:singlequote}), $model)
GROUP BY t, name
HAVING countArray(told) > 0
ORDER BY t WITH FILL STEP $__interval_s, lower(of_model)
INTERPOLATE (of_model)
