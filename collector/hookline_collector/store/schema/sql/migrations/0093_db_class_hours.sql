-- How long sessions of a database did or waited for what, by the hour: a sixtieth of the rows of db_classes_1m, from which a service works it out. It is
-- what lists of databases read of the hours that lie whole within what is asked for.
CREATE TABLE IF NOT EXISTS ${database}.db_classes_1h ${on_cluster} (
    database LowCardinality(String) CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
    wait_class LowCardinality(String) CODEC(ZSTD(1)),
    wait_event LowCardinality(String) CODEC(ZSTD(1)),
    seconds Float64 CODEC(ZSTD(1)),
    samples Int64 CODEC(T64, ZSTD(1)),
    last DateTime('UTC') CODEC(Delta, ZSTD(1)),
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
PARTITION BY greatest(least(toYYYYMM(hour), 204001), 202001)
ORDER BY (database, hour, wait_class, wait_event)
SETTINGS ${deduplication};
