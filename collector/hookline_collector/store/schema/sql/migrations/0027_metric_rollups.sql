-- What was measured in a minute, one row a series: kept longer than the points, so that months are a screen's worth of rows. The newest version of a
-- row counts: an hour whose points came late is worked out again. No insert fills this: a service does, hour by hour.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_1m ${on_cluster} (
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    Series UInt64,
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    Points UInt64 CODEC(ZSTD(1)),
    Total Float64 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    Last Float64 CODEC(ZSTD(1)),
    Increase Float64 CODEC(ZSTD(1)),
    Observations UInt64 CODEC(ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(Version)
PARTITION BY greatest(least(toYYYYMM(Bucket), 204001), 202001)
ORDER BY (MetricName, ServiceName, Series, Bucket)
SETTINGS ${deduplication};

-- The same of an hour.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_1h ${on_cluster} (
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricUnit LowCardinality(String) CODEC(ZSTD(1)),
    Kind LowCardinality(String) CODEC(ZSTD(1)),
    Series UInt64,
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Bucket DateTime('UTC') CODEC(Delta, ZSTD(1)),
    Points UInt64 CODEC(ZSTD(1)),
    Total Float64 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    Last Float64 CODEC(ZSTD(1)),
    Increase Float64 CODEC(ZSTD(1)),
    Observations UInt64 CODEC(ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(Version)
PARTITION BY greatest(least(toYYYYMM(Bucket), 204001), 202001)
ORDER BY (MetricName, ServiceName, Series, Bucket)
SETTINGS ${deduplication};

-- Which hours were worked out, from how many points.
CREATE TABLE IF NOT EXISTS ${database}.metric_rollup_hours ${on_cluster} (
    hour DateTime('UTC'),
    points UInt64,
    version DateTime64(3) DEFAULT now64(3)
)
ENGINE = ${replicated}ReplacingMergeTree(version)
ORDER BY hour
SETTINGS ${deduplication};

-- Points of all kinds in one form, from `since` on and before `until`; of one metric, or of all where `metric` is empty. A point that tells of a running
-- total has behind it what came before it in its series.
CREATE OR REPLACE VIEW ${database}.metric_steps ${on_cluster}
AS SELECT
    *,
    lagInFrame(time) OVER w AS time_before,
    lagInFrame(value) OVER w AS value_before,
    lagInFrame(observations) OVER w AS observations_before,
    lagInFrame(counts) OVER w AS counts_before
FROM (
    SELECT ServiceName, MetricName, MetricUnit, 'gauge' AS kind, 0 AS temporality, 0 AS rises, StartTimeUnix AS begun, TimeUnix AS time,
        Value AS value, toUInt64(0) AS observations, Value AS low, Value AS high,
        CAST([], 'Array(UInt64)') AS counts, CAST([], 'Array(Float64)') AS bounds,
        cityHash64(ServiceName, MetricName, MetricUnit, kind, ScopeName, ResourceAttributes, Attributes) AS series
    FROM ${database}.otel_metrics_gauge
    WHERE TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT ServiceName, MetricName, MetricUnit, 'sum' AS kind, AggregationTemporality, toUInt8(IsMonotonic), StartTimeUnix, TimeUnix,
        Value, toUInt64(0), Value, Value, CAST([], 'Array(UInt64)'), CAST([], 'Array(Float64)'),
        cityHash64(ServiceName, MetricName, MetricUnit, kind, ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
    FROM ${database}.otel_metrics_sum
    WHERE TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT ServiceName, MetricName, MetricUnit, 'histogram' AS kind, AggregationTemporality, 1, StartTimeUnix, TimeUnix,
        Sum, Count, Min, Max, BucketCounts, ExplicitBounds,
        cityHash64(ServiceName, MetricName, MetricUnit, kind, ScopeName, ResourceAttributes, Attributes, AggregationTemporality, ExplicitBounds)
    FROM ${database}.otel_metrics_histogram
    WHERE TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT ServiceName, MetricName, MetricUnit, 'exponential_histogram' AS kind, AggregationTemporality, 1, StartTimeUnix, TimeUnix,
        Sum, Count, Min, Max, CAST([], 'Array(UInt64)'), CAST([], 'Array(Float64)'),
        cityHash64(ServiceName, MetricName, MetricUnit, kind, ScopeName, ResourceAttributes, Attributes, AggregationTemporality)
    FROM ${database}.otel_metrics_exponential_histogram
    WHERE TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT ServiceName, MetricName, MetricUnit, 'summary' AS kind, 2, 1, StartTimeUnix, TimeUnix,
        Sum, Count, 0., 0., CAST([], 'Array(UInt64)'), CAST([], 'Array(Float64)'),
        cityHash64(ServiceName, MetricName, MetricUnit, kind, ScopeName, ResourceAttributes, Attributes)
    FROM ${database}.otel_metrics_summary
    WHERE TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
)
WINDOW w AS (PARTITION BY series ORDER BY time, value ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);

-- Whose series is it? The attributes are not carried through the sorting of points.
CREATE OR REPLACE VIEW ${database}.metric_series ${on_cluster}
AS SELECT series, any(resource) AS resource, any(attributes) AS attributes
FROM (
    SELECT cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes) AS series,
        ResourceAttributes AS resource, Attributes AS attributes
    FROM ${database}.otel_metrics_gauge
    WHERE TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT cityHash64(ServiceName, MetricName, MetricUnit, 'sum', ScopeName, ResourceAttributes, Attributes, AggregationTemporality),
        ResourceAttributes, Attributes
    FROM ${database}.otel_metrics_sum
    WHERE TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT cityHash64(ServiceName, MetricName, MetricUnit, 'histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality, ExplicitBounds),
        ResourceAttributes, Attributes
    FROM ${database}.otel_metrics_histogram
    WHERE TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT cityHash64(ServiceName, MetricName, MetricUnit, 'exponential_histogram', ScopeName, ResourceAttributes, Attributes, AggregationTemporality),
        ResourceAttributes, Attributes
    FROM ${database}.otel_metrics_exponential_histogram
    WHERE TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
    UNION ALL
    SELECT cityHash64(ServiceName, MetricName, MetricUnit, 'summary', ScopeName, ResourceAttributes, Attributes), ResourceAttributes, Attributes
    FROM ${database}.otel_metrics_summary
    WHERE TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({metric:String} = '' OR MetricName = {metric:String})
)
GROUP BY series;

-- One row a series and a span of `seconds`, worked out from the points. Total is the sum of a gauge's or a sum's values (its mean is Total / Points).
-- Increase is by how much a sum grew, or what a histogram's observations add up to; running totals are told apart from what is told by the interval,
-- and one that begins anew counts whole. A running total of more than an hour that nobody saw for an hour has not grown: so each hour can be worked out
-- by itself, with the hour before it at hand.
CREATE OR REPLACE VIEW ${database}.metric_buckets ${on_cluster}
AS SELECT
    ServiceName, MetricName, MetricUnit, Kind, b.series AS Series, s.resource AS ResourceAttributes, s.attributes AS Attributes,
    Bucket, Points, Total, Min, Max, Last, Increase, Observations, BucketCounts, ExplicitBounds
FROM (
    WITH
        toUnixTimestamp64Nano(time) AS time_ns,
        time_ns - toUnixTimestamp64Nano(time_before) <= 3600000000000 AS has_before,
        temporality = 2 AND has_before AND begun <= time_before
            AND observations >= observations_before AND (rises = 0 OR value >= value_before) AS goes_on,
        temporality = 2 AND NOT has_before AND toUnixTimestamp64Nano(begun) < time_ns - 3600000000000 AS is_unknown
    SELECT
        any(ServiceName) AS ServiceName,
        any(MetricName) AS MetricName,
        any(MetricUnit) AS MetricUnit,
        any(kind) AS Kind,
        series,
        toDateTime(intDiv(toUnixTimestamp(toDateTime(time, 'UTC')), {seconds:UInt32}) * {seconds:UInt32}, 'UTC') AS Bucket,
        count() AS Points,
        sum(value) AS Total,
        min(low) AS Min,
        max(high) AS Max,
        argMax(value, time) AS Last,
        sum(multiIf(temporality = 0 OR is_unknown, 0., goes_on, value - value_before, value)) AS Increase,
        sum(multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(observations - observations_before), observations)) AS Observations,
        sumForEach(multiIf(
            is_unknown, arrayMap(n -> toUInt64(0), counts),
            goes_on AND length(counts) = length(counts_before), arrayMap((n, before) -> toUInt64(greatest(n, before) - before), counts, counts_before),
            counts)) AS BucketCounts,
        any(bounds) AS ExplicitBounds
    FROM ${database}.metric_steps(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, metric = {metric:String})
    WHERE time >= {since:DateTime('UTC')}
    GROUP BY series, Bucket
) AS b
LEFT JOIN ${database}.metric_series(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, metric = {metric:String}) AS s ON s.series = b.series;

-- A metric's curves from `since` to `until` in about `points` rows a series: hours, minutes or single points, whichever the range asks for, and the
-- hours that are not worked out yet from their points.
CREATE OR REPLACE VIEW ${database}.metric_curves ${on_cluster}
AS WITH
    toUnixTimestamp({until:DateTime('UTC')}) - toUnixTimestamp({since:DateTime('UTC')}) AS range_s,
    intDiv(greatest(range_s, 1) + {points:UInt32} - 1, greatest({points:UInt32}, 1)) AS fair_s,
    toUInt32(multiIf(fair_s > 60, intDiv(fair_s + 3599, 3600) * 3600, 60)) AS by_hours_s,
    toUInt32(if(fair_s > 1800, by_hours_s, greatest(60, intDiv(fair_s + 59, 60) * 60))) AS step_s
SELECT
    any(ServiceName) AS service, any(MetricName) AS metric, any(MetricUnit) AS unit, any(Kind) AS kind, Series AS series,
    any(ResourceAttributes) AS resource, any(Attributes) AS attributes,
    toDateTime(intDiv(toUnixTimestamp(r.Bucket), step_s) * step_s, 'UTC') AS time,
    sum(r.Points) AS points,
    sum(r.Total) / sum(r.Points) AS mean,
    min(r.Min) AS least,
    max(r.Max) AS most,
    argMax(r.Last, r.Bucket) AS last,
    sum(r.Increase) AS increase,
    sum(r.Observations) AS observations,
    sumForEach(r.BucketCounts) AS bucket_counts,
    any(r.ExplicitBounds) AS bounds
FROM (
    SELECT * EXCEPT Version FROM ${database}.otel_metrics_1h FINAL
    WHERE step_s >= 3600 AND MetricName = {metric:String} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
    UNION ALL
    SELECT * EXCEPT Version FROM ${database}.otel_metrics_1m FINAL
    WHERE step_s < 3600 AND MetricName = {metric:String} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
    UNION ALL
    SELECT * FROM ${database}.metric_buckets(
        since = greatest({since:DateTime('UTC')}, (SELECT max(hour) + 3600 FROM ${database}.metric_rollup_hours)),
        until = {until:DateTime('UTC')}, seconds = 60, metric = {metric:String})
) AS r
GROUP BY Series, time;
