-- What the client's status line said of the account's limits: one row an account, kind of window, window and minute in which it was looked at.
CREATE TABLE IF NOT EXISTS ${database}.usage_limits_state ${on_cluster} (
    account String,
    kind LowCardinality(String),
    resets_at DateTime('UTC'),
    minute DateTime('UTC'),
    session_id SimpleAggregateFunction(max, String),
    observed SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    used_percent SimpleAggregateFunction(max, Float64)
)
ENGINE = ${replicated}AggregatingMergeTree
ORDER BY (account, kind, resets_at, minute)
SETTINGS ${deduplication};

-- From the records of the status line. Who has not told an account is one by name.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.usage_limits_mv ${on_cluster}
TO ${database}.usage_limits_state
AS SELECT
    if(attributes['hookline.account'] = '', user, attributes['hookline.account']) AS account,
    arrayJoin(['five_hour', 'seven_day']) AS kind,
    toDateTime(toUInt32(toFloat64OrZero(attributes[concat('hookline.limits.', kind, '.resets_at')])), 'UTC') AS resets_at,
    toStartOfMinute(toDateTime(time, 'UTC')) AS minute,
    session_id,
    time AS observed,
    toFloat64OrZero(attributes[concat('hookline.limits.', kind, '.used_percent')]) AS used_percent
FROM ${database}.agent_logs
WHERE name = 'limits' AND resets_at > 0;

-- One row a window that was seen: how full it was last. A window's use never falls, so the most seen is the last.
CREATE VIEW IF NOT EXISTS ${database}.usage_limits ${on_cluster}
AS SELECT
    account,
    kind,
    resets_at,
    resets_at - if(kind = 'five_hour', 18000, 604800) AS started,
    max(l.session_id) AS session_id,
    max(l.observed) AS observed,
    max(l.used_percent) AS used_percent,
    arraySort(groupArray((minute, l.used_percent))) AS course
FROM ${database}.usage_limits_state AS l FINAL
GROUP BY account, kind, resets_at;
