-- What became of alerts: one row a change of an alert's state. A change has an id, so telling it again adds nothing.
CREATE TABLE IF NOT EXISTS ${database}.alerts_state ${on_cluster} (
    transition_id FixedString(32),
    changed DateTime64(9, 'UTC'),
    rule LowCardinality(String),
    rule_group LowCardinality(String),
    rule_file LowCardinality(String),
    fingerprint FixedString(16),
    from_state LowCardinality(String),
    to_state LowCardinality(String),
    value Float64,
    labels Map(LowCardinality(String), String),
    annotations Map(LowCardinality(String), String),
    active DateTime64(9, 'UTC'),
    fired DateTime64(9, 'UTC'),
    resolved DateTime64(9, 'UTC')
)
ENGINE = ${replicated}ReplacingMergeTree
PARTITION BY toYYYYMM(changed)
ORDER BY (toStartOfDay(changed), fingerprint, transition_id)
SETTINGS ${deduplication};

-- The same, each change once. An alert's time is 0 where it has not come.
CREATE VIEW IF NOT EXISTS ${database}.alerts ${on_cluster}
AS SELECT changed, rule, rule_group, rule_file, fingerprint, from_state, to_state, value, labels, annotations, active, fired, resolved, transition_id
FROM ${database}.alerts_state FINAL;
