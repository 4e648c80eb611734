-- One row an incident: what was the bottleneck, since when, how sure, and what was excluded. The newest record of an incident counts.
CREATE TABLE IF NOT EXISTS ${database}.db_verdicts_state ${on_cluster} (
    database LowCardinality(String),
    verdict_id String,
    told_ns Int64,
    phase LowCardinality(String),
    class LowCardinality(String),
    share Float64,
    share_low Float64,
    share_high Float64,
    since_ns Int64,
    until_ns Int64,
    certainty Float64,
    samples Int64,
    culprit String,
    culprit_kind LowCardinality(String),
    summary String,
    next_step String,
    excluded String CODEC(ZSTD(3)),
    statements String CODEC(ZSTD(3))
)
ENGINE = ${replicated}ReplacingMergeTree(told_ns)
ORDER BY (database, verdict_id)
SETTINGS ${deduplication};

-- From the agent's records; one without an interval is about its own moment.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.db_verdicts_mv ${on_cluster}
TO ${database}.db_verdicts_state
AS ${db_verdicts_columns}
FROM ${database}.otlp_record
WHERE EventName = 'hookline.db.verdict' AND LogAttributes['hookline.db.verdict.id'] != '';

-- The incidents of some UTC days. ended is empty while one goes on; excluded says in JSON what it was not, and why; statements are the hashes of those that
-- carry it.
CREATE OR REPLACE VIEW ${database}.db_verdicts_between ${on_cluster}
AS SELECT
    toString(database) AS database,
    verdict_id,
    toString(phase) AS phase,
    toString(class) AS class,
    share,
    share_low,
    share_high,
    fromUnixTimestamp64Nano(since_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(until_ns, 'UTC') AS last,
    if(phase = 'end', toNullable(fromUnixTimestamp64Nano(until_ns, 'UTC')), NULL) AS ended,
    certainty,
    samples,
    culprit,
    toString(culprit_kind) AS culprit_kind,
    summary,
    next_step,
    excluded,
    statements
FROM ${database}.db_verdicts_state FINAL
WHERE toDate(fromUnixTimestamp64Nano(since_ns, 'UTC')) <= {until:Date} AND toDate(fromUnixTimestamp64Nano(until_ns, 'UTC')) >= {since:Date};

-- The same over all days.
CREATE OR REPLACE VIEW ${database}.db_verdicts ${on_cluster}
AS SELECT * FROM ${database}.db_verdicts_between(since = '1970-01-01', until = '2149-06-06');
