-- Log records, in the columns and the layout of the exporter's newest version: no TimestampTime column, and five minutes lead the key.
-- A query narrows by toStartOfFiveMinutes(Timestamp) and by Timestamp.
CREATE TABLE IF NOT EXISTS ${database}.otel_logs ${on_cluster} (
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8,
    SeverityText LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber UInt8,
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    EventName String CODEC(ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_key mapKeys(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_scope_attr_value mapValues(ScopeAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_log_attr_value mapValues(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_lower_body lower(Body) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 8
)
ENGINE = ${replicated}MergeTree
PARTITION BY greatest(least(toDate(Timestamp), toDate('2040-01-01')), toDate('2020-01-01'))
ORDER BY (toStartOfFiveMinutes(Timestamp), ServiceName, Timestamp)
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, ${deduplication};

-- The door for requests as they came off the wire.
CREATE TABLE IF NOT EXISTS ${database}.otlp_logs ${on_cluster} (
    resource_logs Array(Tuple(
        resource Tuple(attributes ${attributes}),
        scope_logs Array(Tuple(
            scope Tuple(name String, version String, attributes ${attributes}),
            log_records Array(Tuple(
                time_unix_nano UInt64,
                severity_number Int32,
                severity_text String,
                body ${value},
                attributes ${attributes},
                flags UInt32,
                trace_id String,
                span_id String,
                observed_time_unix_nano UInt64,
                event_name String
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;

-- One row a log record. A record without a time has the time at which it was observed.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_logs_mv ${on_cluster}
TO ${database}.otel_logs
AS WITH ${functions}
SELECT
    moment(if(record.time_unix_nano = 0, record.observed_time_unix_nano, record.time_unix_nano)) AS Timestamp,
    lower(hex(record.trace_id)) AS TraceId,
    lower(hex(record.span_id)) AS SpanId,
    toUInt8(bitAnd(record.flags, 255)) AS TraceFlags,
    record.severity_text AS SeverityText,
    toUInt8(greatest(0, least(255, record.severity_number))) AS SeverityNumber,
    resource_strings['service.name'] AS ServiceName,
    text(record.body) AS Body,
    resource_schema_url AS ResourceSchemaUrl,
    resource_strings AS ResourceAttributes,
    scope_schema_url AS ScopeSchemaUrl,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    scope_strings AS ScopeAttributes,
    strings(record.attributes) AS LogAttributes,
    record.event_name AS EventName
FROM (
    SELECT
        resource_strings,
        resource_schema_url,
        scoped.scope AS scope,
        strings(scoped.scope.attributes) AS scope_strings,
        scoped.schema_url AS scope_schema_url,
        arrayJoin(scoped.log_records) AS record
    FROM (
        SELECT
            strings(entry.resource.attributes) AS resource_strings,
            entry.schema_url AS resource_schema_url,
            arrayJoin(entry.scope_logs) AS scoped
        FROM (SELECT arrayJoin(resource_logs) AS entry FROM ${database}.otlp_logs)
    )
);
