-- Spans, in the columns of the OpenTelemetry Collector's ClickHouse exporter, so that Grafana, ClickStack and people's own queries work.
-- Layout of its newest version: the second of the span leads the primary key, the exact time ends the sorting key. Partitions are days;
-- clocks that are absurd share the first and the last, so that one request cannot make a part for every day since 1970.
CREATE TABLE IF NOT EXISTS ${database}.otel_traces ${on_cluster} (
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (
        Timestamp DateTime64(9),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Links Nested (
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
)
ENGINE = ${replicated}MergeTree
PARTITION BY greatest(least(toDate(Timestamp), toDate('2040-01-01')), toDate('2020-01-01'))
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, ${deduplication};

-- From when to when a trace lasted: narrows a look-up by trace id to its time.
CREATE TABLE IF NOT EXISTS ${database}.otel_traces_trace_id_ts ${on_cluster} (
    TraceId String CODEC(ZSTD(1)),
    Start DateTime CODEC(Delta, ZSTD(1)),
    End DateTime CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ${replicated}MergeTree
PARTITION BY greatest(least(toDate(Start), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (TraceId, Start)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, ${deduplication};

-- Feeds the look-up.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otel_traces_trace_id_ts_mv ${on_cluster}
TO ${database}.otel_traces_trace_id_ts
AS SELECT
    TraceId,
    toDateTime(min(Timestamp)) AS Start,
    toDateTime(max(Timestamp)) AS End
FROM ${database}.otel_traces
WHERE TraceId != ''
GROUP BY TraceId;

-- The door for requests as they came off the wire: holds nothing, its view flattens them.
CREATE TABLE IF NOT EXISTS ${database}.otlp_traces ${on_cluster} (
    resource_spans Array(Tuple(
        resource Tuple(attributes ${attributes}),
        scope_spans Array(Tuple(
            scope Tuple(name String, version String),
            spans Array(Tuple(
                trace_id String,
                span_id String,
                trace_state String,
                parent_span_id String,
                name String,
                kind Int32,
                start_time_unix_nano UInt64,
                end_time_unix_nano UInt64,
                attributes ${attributes},
                events Array(Tuple(time_unix_nano UInt64, name String, attributes ${attributes})),
                links Array(Tuple(trace_id String, span_id String, trace_state String, attributes ${attributes})),
                status Tuple(message String, code Int32)
            ))
        ))
    ))
)
ENGINE = Null;

-- One row a span. Each arrayJoin carries along only what the next level needs, so a resource with many scopes is not copied whole for each.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_traces_mv ${on_cluster}
TO ${database}.otel_traces
AS WITH ${functions}
SELECT
    moment(span.start_time_unix_nano) AS Timestamp,
    lower(hex(span.trace_id)) AS TraceId,
    lower(hex(span.span_id)) AS SpanId,
    lower(hex(span.parent_span_id)) AS ParentSpanId,
    span.trace_state AS TraceState,
    span.name AS SpanName,
    transform(span.kind, [0, 1, 2, 3, 4, 5], ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'], '') AS SpanKind,
    resource_strings['service.name'] AS ServiceName,
    resource_strings AS ResourceAttributes,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    strings(span.attributes) AS SpanAttributes,
    if(span.end_time_unix_nano > span.start_time_unix_nano, span.end_time_unix_nano - span.start_time_unix_nano, 0) AS Duration,
    transform(span.status.code, [0, 1, 2], ['Unset', 'Ok', 'Error'], '') AS StatusCode,
    span.status.message AS StatusMessage,
    arrayMap(event -> moment(event.time_unix_nano), span.events) AS `Events.Timestamp`,
    span.events.name AS `Events.Name`,
    arrayMap(event -> strings(event.attributes), span.events) AS `Events.Attributes`,
    arrayMap(link -> lower(hex(link.trace_id)), span.links) AS `Links.TraceId`,
    arrayMap(link -> lower(hex(link.span_id)), span.links) AS `Links.SpanId`,
    span.links.trace_state AS `Links.TraceState`,
    arrayMap(link -> strings(link.attributes), span.links) AS `Links.Attributes`
FROM (
    SELECT resource_strings, scoped.scope AS scope, arrayJoin(scoped.spans) AS span
    FROM (
        SELECT strings(entry.resource.attributes) AS resource_strings, arrayJoin(entry.scope_spans) AS scoped
        FROM (SELECT arrayJoin(resource_spans) AS entry FROM ${database}.otlp_traces)
    )
);
