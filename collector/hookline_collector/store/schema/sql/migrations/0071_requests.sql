-- One row a request that a service answered: its SERVER span, and the record of a slow or failed one, whichever came. Both name the same span, so they
-- meet; a repeated one changes nothing, as every column keeps the greatest or the earliest of what was told.
CREATE TABLE IF NOT EXISTS ${database}.requests_state ${on_cluster} (
    day Date,
    service LowCardinality(String),
    request_id String,
    started SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    duration_ns SimpleAggregateFunction(max, Int64),
    trace_id SimpleAggregateFunction(max, String),
    span_id SimpleAggregateFunction(max, String),
    route SimpleAggregateFunction(max, String),
    method SimpleAggregateFunction(max, String),
    status_code SimpleAggregateFunction(max, String),
    error_type SimpleAggregateFunction(max, String),
    is_failure SimpleAggregateFunction(max, UInt8),
    has_span SimpleAggregateFunction(max, UInt8),
    has_log SimpleAggregateFunction(max, UInt8),
    version SimpleAggregateFunction(max, String),
    instance SimpleAggregateFunction(max, String),
    host SimpleAggregateFunction(max, String),
    reason SimpleAggregateFunction(max, String),
    threshold_s SimpleAggregateFunction(max, Float64),
    first_byte_s SimpleAggregateFunction(max, Float64),
    is_disconnected SimpleAggregateFunction(max, UInt8),
    db_calls SimpleAggregateFunction(max, Int64),
    db_s SimpleAggregateFunction(max, Float64),
    loop_lag_s SimpleAggregateFunction(max, Float64),
    gc_s SimpleAggregateFunction(max, Float64),
    repeated_calls SimpleAggregateFunction(max, Int64),
    repeated SimpleAggregateFunction(max, String) CODEC(ZSTD(3)),
    calls_left_out SimpleAggregateFunction(max, Int64),
    calls SimpleAggregateFunction(max, String) CODEC(ZSTD(3))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, service, request_id)
SETTINGS ${deduplication};

-- From spans: whoever makes SERVER spans answers requests. A route is told by HTTP, else the span's name says what was called.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_spans_mv ${on_cluster}
TO ${database}.requests_state
AS ${requests_of_spans_columns}
FROM ${database}.otlp_span
WHERE SpanKind = 'Server' AND SpanId != '';

-- From the records of slow, failed or picked requests, which know what happened meanwhile: the calls to databases, the loop's lag, collections of garbage.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.requests_of_logs_mv ${on_cluster}
TO ${database}.requests_state
AS ${requests_of_logs_columns}
FROM ${database}.otlp_record
WHERE EventName = 'hookline.slow_request' AND SpanId != '';

-- The requests of some UTC days. calls is JSON: each call to a database, with where in the code it stands.
CREATE OR REPLACE VIEW ${database}.requests_between ${on_cluster}
AS SELECT
    toString(service) AS service,
    request_id,
    trace_id,
    span_id,
    started,
    addNanoseconds(started, duration_ns) AS ended,
    duration_ns / 1e9 AS duration_s,
    route,
    method,
    status_code,
    if(is_failure = 1, 'failure', 'success') AS outcome,
    error_type,
    version,
    instance,
    host,
    reason,
    threshold_s,
    first_byte_s,
    is_disconnected,
    db_calls,
    db_s,
    loop_lag_s,
    gc_s,
    repeated_calls,
    repeated,
    calls_left_out,
    calls,
    has_span,
    has_log
FROM ${database}.requests_state FINAL
WHERE day BETWEEN {since:Date} AND {until:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.requests ${on_cluster}
AS SELECT * FROM ${database}.requests_between(since = '1970-01-01', until = '2149-06-06');
