-- Did a version of the agent make it slower? Requests and calls by version, of whole hours as they lie, else (ends, what is new) one by one.
WITH
    ['claude_code.llm_request', 'claude_code.tool.execution'] AS spans,
    (SELECT max(hour) + 3600 FROM db_rollup_hours WHERE what = 'client spans') AS rows_from,
    quantilesArray(0.5, 0.95)(told) AS within
SELECT
    toString(version) AS of_version,
    if(what = 'claude_code.llm_request', 'model request', 'tool call') AS of_what,
    sum(length(told)) AS times,
    within[1] AS p50,
    within[2] AS p95
FROM (
    SELECT
        what, session_id, service, version, name,
        if($__conditionalAll(0, $tool), seconds, arrayFilter((s, call_id) -> $__conditionalAll(
            what = 'claude_code.llm_request' OR call_id IN (
                SELECT call_id FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
                WHERE tool IN (${tool:singlequote})), $tool), seconds, call_ids)) AS told
    FROM client_hours FINAL
    PREWHERE what IN spans AND hour >= $__fromTime AND hour <= $__toTime - 3600 AND hour < rows_from
    UNION ALL
    SELECT what, session_id, service, version, name, [s]
    FROM (
        SELECT what, session_id, service, version, name, seconds AS s, call_ids AS call_id
        FROM client_hours FINAL
        ARRAY JOIN seconds, seconds_in, call_ids
        PREWHERE what IN spans AND hour > $__fromTime - 3600 AND hour < least($__toTime, rows_from)
          AND (hour < $__fromTime OR hour > $__toTime - 3600)
        WHERE hour + seconds_in >= $__fromTime AND hour + seconds_in < $__toTime
        UNION ALL
        SELECT
            SpanName, SpanAttributes['session.id'], ServiceName, toLowCardinality(ResourceAttributes['service.version']),
            toLowCardinality(SpanAttributes['gen_ai.request.model']), Duration / 1e9, SpanAttributes['gen_ai.tool.call.id']
        FROM otel_traces
        PREWHERE SpanName IN spans AND Timestamp >= greatest($__fromTime, rows_from) AND Timestamp < $__toTime
    )
    WHERE $__conditionalAll(
        what = 'claude_code.llm_request' OR call_id IN (
            SELECT call_id FROM tool_calls_between(since = toDate($__fromTime), until = toDate($__toTime))
            WHERE tool IN (${tool:singlequote})), $tool)
)
{{of_sessions}}
  AND $__conditionalAll(what != 'claude_code.llm_request' OR name IN (${model:singlequote}), $model)
GROUP BY version, what
HAVING times > 0
ORDER BY of_version DESC, of_what
LIMIT 50
