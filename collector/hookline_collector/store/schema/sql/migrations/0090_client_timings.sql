-- What clients tell of their own times: requests to models with their first token, runs of tools, and what installed hooks took. A row each, small and
-- in order of time, worked out hour by hour from spans and records, which are wide, in another order, and kept for weeks.
CREATE TABLE IF NOT EXISTS ${database}.client_timings ${on_cluster} (
    what LowCardinality(String) CODEC(ZSTD(1)),
    time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    version LowCardinality(String) CODEC(ZSTD(1)),
    name LowCardinality(String) CODEC(ZSTD(1)),
    call_id String CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    first_token_s Nullable(Float64) CODEC(ZSTD(1)),
    hooks UInt32 CODEC(T64, ZSTD(1)),
    row_version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(row_version)
PARTITION BY greatest(least(toYYYYMM(time), 204001), 202001)
ORDER BY (what, time, session_id, name, call_id)
SETTINGS ${deduplication};

-- The same from clients' spans.
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
WHERE SpanName IN ('claude_code.llm_request', 'claude_code.tool.execution', 'qwen-code.llm_request')
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')};

-- The same from clients' records.
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
WHERE LogAttributes['event.name'] = 'hook_execution_complete'
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')};

-- Clients' times from `since` to before `until`: what was worked out, and the hours behind it as they were told. `what` is the name of the span or event.
CREATE OR REPLACE VIEW ${database}.client_timings_between ${on_cluster}
AS SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND what != 'hook_execution_complete'
  AND time < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client spans')
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings FINAL
WHERE time >= {since:DateTime('UTC')} AND time < {until:DateTime('UTC')} AND what = 'hook_execution_complete'
  AND time < (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client records')
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings_of_spans(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client spans')),
    until = {until:DateTime('UTC')})
UNION ALL
SELECT what, time, session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM ${database}.client_timings_of_logs(
    since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.db_rollup_hours WHERE what = 'client records')),
    until = {until:DateTime('UTC')});
