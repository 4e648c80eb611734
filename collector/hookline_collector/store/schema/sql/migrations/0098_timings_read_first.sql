-- Clients' times from their spans and records, with conditions that are said to be read first: the engine would weigh the size of every part's columns to
-- find out, and there are some parts a day.
CREATE OR REPLACE VIEW ${database}.client_timings_of_spans ${on_cluster}
AS SELECT
    toString(SpanName) AS what,
    toTimeZone(Timestamp, 'UTC') AS time,
    SpanAttributes['session.id'] AS session_id,
    toString(ServiceName) AS service,
    ResourceAttributes['service.version'] AS version,
    SpanAttributes['gen_ai.request.model'] AS name,
    SpanAttributes['gen_ai.tool.call.id'] AS call_id,
    Duration / 1e9 AS seconds,
    if(SpanAttributes['ttft_ms'] = '', NULL, toFloat64OrZero(SpanAttributes['ttft_ms']) / 1000) AS first_token_s,
    toUInt32(0) AS hooks
FROM ${database}.otel_traces
PREWHERE SpanName IN ('claude_code.llm_request', 'claude_code.tool.execution', 'qwen-code.llm_request')
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')};

-- (as above)
CREATE OR REPLACE VIEW ${database}.client_timings_of_logs ${on_cluster}
AS SELECT
    'hook_execution_complete' AS what,
    toTimeZone(Timestamp, 'UTC') AS time,
    LogAttributes['session.id'] AS session_id,
    toString(ServiceName) AS service,
    ResourceAttributes['service.version'] AS version,
    LogAttributes['hook_event'] AS name,
    '' AS call_id,
    toFloat64OrZero(LogAttributes['total_duration_ms']) / 1000 AS seconds,
    CAST(NULL, 'Nullable(Float64)') AS first_token_s,
    toUInt32OrZero(LogAttributes['num_hooks']) AS hooks
FROM ${database}.otel_logs
PREWHERE LogAttributes['event.name'] = 'hook_execution_complete'
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')};
