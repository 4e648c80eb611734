-- When what of a database will be used up, as the API would have said it then: a row a database, with its forecasts as lists, the soonest first. Whoever
-- works them out later replaces all of a database's at once, so one that is no longer honest goes with it. A moment of 0 lies behind the horizon.
CREATE TABLE IF NOT EXISTS ${database}.db_forecasts_state ${on_cluster} (
    database LowCardinality(String),
    told DateTime64(9, 'UTC'),
    level Float64,
    what Array(String),
    metric Array(String),
    labels Array(String),
    unit Array(String),
    value Array(Float64),
    limit_value Array(Float64),
    slope_per_h Array(Float64),
    method Array(String),
    horizon_s Array(Float64),
    earliest_ns Array(Int64),
    expected_ns Array(Int64),
    latest_ns Array(Int64)
)
ENGINE = ${replicated}ReplacingMergeTree(told)
ORDER BY database
SETTINGS ${deduplication};

-- The newest forecasts of each database, one to a row. labels is JSON, level the share of cases in which the limit is reached between earliest and latest;
-- a moment is NULL when it lies behind the horizon.
CREATE OR REPLACE VIEW ${database}.db_forecasts ${on_cluster}
AS SELECT
    toString(database) AS database,
    told,
    what,
    metric,
    labels,
    unit,
    value,
    limit_value,
    slope_per_h,
    method,
    horizon_s,
    if(earliest_ns = 0, NULL, fromUnixTimestamp64Nano(earliest_ns, 'UTC')) AS earliest,
    if(expected_ns = 0, NULL, fromUnixTimestamp64Nano(expected_ns, 'UTC')) AS expected,
    if(latest_ns = 0, NULL, fromUnixTimestamp64Nano(latest_ns, 'UTC')) AS latest,
    level
FROM ${database}.db_forecasts_state FINAL
ARRAY JOIN what, metric, labels, unit, value, limit_value, slope_per_h, method, horizon_s, earliest_ns, expected_ns, latest_ns;
