-- Which requests called a statement: from the calls of requests whose records know them, which are read whole for nothing but this otherwise.
CREATE TABLE IF NOT EXISTS ${database}.request_statements ${on_cluster} (
    statement_hash LowCardinality(String) CODEC(ZSTD(1)),
    day Date CODEC(ZSTD(1)),
    service LowCardinality(String) CODEC(ZSTD(1)),
    request_id String CODEC(ZSTD(1))
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (statement_hash, day, service, request_id)
SETTINGS ${deduplication};

-- Of those that come.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.request_statements_mv ${on_cluster}
TO ${database}.request_statements
AS ${request_statements_columns}
FROM ${database}.otlp_record
WHERE EventName = 'hookline.slow_request' AND SpanId != '';

-- Of those that are there already.
INSERT INTO ${database}.request_statements
SELECT arrayJoin(arrayDistinct(extractAll(calls, '"hash": ?"([0-9a-zA-Z]{1,64})"'))) AS statement_hash, day, service, request_id
FROM ${database}.requests_state
WHERE calls != '';
