-- What people said by hand of their work: a row a correction, whose newest version counts. Nothing that was measured is changed by it.
CREATE TABLE IF NOT EXISTS ${database}.corrections_state ${on_cluster} (
    correction_id String,
    version UInt64,
    correction_kind LowCardinality(String),
    user String,
    start_ns Int64,
    end_ns Int64,
    project String,
    from_project String,
    created_by String,
    comment String,
    created_ns Int64,
    withdrawn_ns Int64
)
ENGINE = ${replicated}ReplacingMergeTree(version)
ORDER BY correction_id
SETTINGS ${deduplication};

-- The same as it is read: kind is project (it belongs to that project), no_work, or add; withdrawn says when it was taken back, NULL while it counts.
CREATE VIEW IF NOT EXISTS ${database}.corrections ${on_cluster}
AS SELECT
    correction_id,
    correction_kind,
    user,
    fromUnixTimestamp64Nano(start_ns, 'UTC') AS start,
    fromUnixTimestamp64Nano(end_ns, 'UTC') AS end,
    project,
    from_project,
    created_by,
    comment,
    fromUnixTimestamp64Nano(created_ns, 'UTC') AS created,
    if(withdrawn_ns > 0, fromUnixTimestamp64Nano(withdrawn_ns, 'UTC'), NULL) AS withdrawn
FROM ${database}.corrections_state FINAL;
