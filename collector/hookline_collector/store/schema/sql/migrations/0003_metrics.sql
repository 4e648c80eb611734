-- Data points of the five kinds of metric, each in a table of its own, in the columns of the exporter. Layout of its newest version;
-- times keep their nanoseconds, which the newest version cuts to seconds. Integers and doubles both are Float64, as there.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_gauge ${on_cluster} (
    ${metric_columns},
    Value Float64 CODEC(ZSTD(1)),
    ${metric_exemplars},
    ${metric_layout};

-- Sums, running or per interval.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_sum ${on_cluster} (
    ${metric_columns},
    Value Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    IsMonotonic Bool CODEC(Delta(1), ZSTD(1)),
    ${metric_exemplars},
    ${metric_layout};

-- Histograms with explicit bounds. A minimum or maximum that was not sent is 0.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_histogram ${on_cluster} (
    ${metric_columns},
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    ${metric_exemplars},
    ${metric_layout};

-- Histograms with exponential buckets.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_exponential_histogram ${on_cluster} (
    ${metric_columns},
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    Scale Int32 CODEC(ZSTD(1)),
    ZeroCount UInt64 CODEC(ZSTD(1)),
    PositiveOffset Int32 CODEC(ZSTD(1)),
    PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    NegativeOffset Int32 CODEC(ZSTD(1)),
    NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    ${metric_exemplars},
    ${metric_layout};

-- Quantiles computed by the sender.
CREATE TABLE IF NOT EXISTS ${database}.otel_metrics_summary ${on_cluster} (
    ${metric_columns},
    Count UInt64 CODEC(Delta(8), ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    ValueAtQuantiles Nested (
        Quantile Float64,
        Value Float64
    ) CODEC(ZSTD(1)),
    ${metric_layout};

-- The door for requests as they came off the wire.
CREATE TABLE IF NOT EXISTS ${database}.otlp_metrics ${on_cluster} (
    resource_metrics Array(Tuple(
        resource Tuple(attributes ${attributes}),
        scope_metrics Array(Tuple(
            scope Tuple(name String, version String, attributes ${attributes}, dropped_attributes_count UInt32),
            metrics Array(Tuple(
                name String,
                description String,
                unit String,
                gauge Tuple(
                    data_points Array(Tuple(
                        attributes ${attributes},
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        as_double Nullable(Float64),
                        as_int Nullable(Int64),
                        exemplars ${exemplars},
                        flags UInt32
                    ))
                ),
                sum Tuple(
                    data_points Array(Tuple(
                        attributes ${attributes},
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        as_double Nullable(Float64),
                        as_int Nullable(Int64),
                        exemplars ${exemplars},
                        flags UInt32
                    )),
                    aggregation_temporality Int32,
                    is_monotonic Bool
                ),
                histogram Tuple(
                    data_points Array(Tuple(
                        attributes ${attributes},
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        count UInt64,
                        sum Float64,
                        bucket_counts Array(UInt64),
                        explicit_bounds Array(Float64),
                        exemplars ${exemplars},
                        flags UInt32,
                        min Float64,
                        max Float64
                    )),
                    aggregation_temporality Int32
                ),
                exponential_histogram Tuple(
                    data_points Array(Tuple(
                        attributes ${attributes},
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        count UInt64,
                        sum Float64,
                        scale Int32,
                        zero_count UInt64,
                        positive Tuple(offset Int32, bucket_counts Array(UInt64)),
                        negative Tuple(offset Int32, bucket_counts Array(UInt64)),
                        flags UInt32,
                        exemplars ${exemplars},
                        min Float64,
                        max Float64
                    )),
                    aggregation_temporality Int32
                ),
                summary Tuple(
                    data_points Array(Tuple(
                        attributes ${attributes},
                        start_time_unix_nano UInt64,
                        time_unix_nano UInt64,
                        count UInt64,
                        sum Float64,
                        quantile_values Array(Tuple(quantile Float64, value Float64)),
                        flags UInt32
                    ))
                )
            )),
            schema_url String
        )),
        schema_url String
    ))
)
ENGINE = Null;

-- One row a metric on its way to its table: what all its points share is made once.
CREATE TABLE IF NOT EXISTS ${database}.otlp_metric ${on_cluster} (
    resource_strings Map(LowCardinality(String), String),
    resource_schema_url String,
    scope_name String,
    scope_version String,
    scope_strings Map(LowCardinality(String), String),
    scope_dropped_attributes_count UInt32,
    scope_schema_url String,
    metric_name String,
    metric_description String,
    metric_unit String,
    gauge Tuple(
        data_points Array(Tuple(
            attributes ${attributes},
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            as_double Nullable(Float64),
            as_int Nullable(Int64),
            exemplars ${exemplars},
            flags UInt32
        ))
    ),
    sum Tuple(
        data_points Array(Tuple(
            attributes ${attributes},
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            as_double Nullable(Float64),
            as_int Nullable(Int64),
            exemplars ${exemplars},
            flags UInt32
        )),
        aggregation_temporality Int32,
        is_monotonic Bool
    ),
    histogram Tuple(
        data_points Array(Tuple(
            attributes ${attributes},
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            count UInt64,
            sum Float64,
            bucket_counts Array(UInt64),
            explicit_bounds Array(Float64),
            exemplars ${exemplars},
            flags UInt32,
            min Float64,
            max Float64
        )),
        aggregation_temporality Int32
    ),
    exponential_histogram Tuple(
        data_points Array(Tuple(
            attributes ${attributes},
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            count UInt64,
            sum Float64,
            scale Int32,
            zero_count UInt64,
            positive Tuple(offset Int32, bucket_counts Array(UInt64)),
            negative Tuple(offset Int32, bucket_counts Array(UInt64)),
            flags UInt32,
            exemplars ${exemplars},
            min Float64,
            max Float64
        )),
        aggregation_temporality Int32
    ),
    summary Tuple(
        data_points Array(Tuple(
            attributes ${attributes},
            start_time_unix_nano UInt64,
            time_unix_nano UInt64,
            count UInt64,
            sum Float64,
            quantile_values Array(Tuple(quantile Float64, value Float64)),
            flags UInt32
        ))
    )
)
ENGINE = Null;

-- Takes requests apart into metrics.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metric_mv ${on_cluster}
TO ${database}.otlp_metric
AS WITH ${functions}
SELECT
    resource_strings,
    resource_schema_url,
    scope_name,
    scope_version,
    scope_strings,
    scope_dropped_attributes_count,
    scope_schema_url,
    metric.name AS metric_name,
    metric.description AS metric_description,
    metric.unit AS metric_unit,
    metric.gauge AS gauge,
    metric.sum AS sum,
    metric.histogram AS histogram,
    metric.exponential_histogram AS exponential_histogram,
    metric.summary AS summary
FROM (
    SELECT
        resource_strings,
        resource_schema_url,
        scoped.scope.name AS scope_name,
        scoped.scope.version AS scope_version,
        strings(scoped.scope.attributes) AS scope_strings,
        scoped.scope.dropped_attributes_count AS scope_dropped_attributes_count,
        scoped.schema_url AS scope_schema_url,
        arrayJoin(scoped.metrics) AS metric
    FROM (
        SELECT
            strings(entry.resource.attributes) AS resource_strings,
            entry.schema_url AS resource_schema_url,
            arrayJoin(entry.scope_metrics) AS scoped
        FROM (SELECT arrayJoin(resource_metrics) AS entry FROM ${database}.otlp_metrics)
    )
);

-- One row a data point of a gauge.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metrics_gauge_mv ${on_cluster}
TO ${database}.otel_metrics_gauge
AS WITH ${functions}
SELECT
    ${metric_common},
    coalesce(point.as_double, toFloat64(point.as_int), 0) AS Value,
    ${metric_exemplars_common}
FROM (
    SELECT
        ${metric_shared},
        arrayJoin(gauge.data_points) AS point
    FROM ${database}.otlp_metric
);

-- One row a data point of a sum.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metrics_sum_mv ${on_cluster}
TO ${database}.otel_metrics_sum
AS WITH ${functions}
SELECT
    ${metric_common},
    coalesce(point.as_double, toFloat64(point.as_int), 0) AS Value,
    aggregation_temporality AS AggregationTemporality,
    is_monotonic AS IsMonotonic,
    ${metric_exemplars_common}
FROM (
    SELECT
        ${metric_shared},
        sum.aggregation_temporality AS aggregation_temporality,
        sum.is_monotonic AS is_monotonic,
        arrayJoin(sum.data_points) AS point
    FROM ${database}.otlp_metric
);

-- One row a data point of a histogram.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metrics_histogram_mv ${on_cluster}
TO ${database}.otel_metrics_histogram
AS WITH ${functions}
SELECT
    ${metric_common},
    point.count AS Count,
    point.sum AS Sum,
    point.bucket_counts AS BucketCounts,
    point.explicit_bounds AS ExplicitBounds,
    point.min AS Min,
    point.max AS Max,
    aggregation_temporality AS AggregationTemporality,
    ${metric_exemplars_common}
FROM (
    SELECT
        ${metric_shared},
        histogram.aggregation_temporality AS aggregation_temporality,
        arrayJoin(histogram.data_points) AS point
    FROM ${database}.otlp_metric
);

-- One row a data point of a exponential histogram.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metrics_exponential_histogram_mv ${on_cluster}
TO ${database}.otel_metrics_exponential_histogram
AS WITH ${functions}
SELECT
    ${metric_common},
    point.count AS Count,
    point.sum AS Sum,
    point.scale AS Scale,
    point.zero_count AS ZeroCount,
    point.positive.offset AS PositiveOffset,
    point.positive.bucket_counts AS PositiveBucketCounts,
    point.negative.offset AS NegativeOffset,
    point.negative.bucket_counts AS NegativeBucketCounts,
    point.min AS Min,
    point.max AS Max,
    aggregation_temporality AS AggregationTemporality,
    ${metric_exemplars_common}
FROM (
    SELECT
        ${metric_shared},
        exponential_histogram.aggregation_temporality AS aggregation_temporality,
        arrayJoin(exponential_histogram.data_points) AS point
    FROM ${database}.otlp_metric
);

-- One row a data point of a summary.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.otlp_metrics_summary_mv ${on_cluster}
TO ${database}.otel_metrics_summary
AS WITH ${functions}
SELECT
    ${metric_common},
    point.count AS Count,
    point.sum AS Sum,
    point.quantile_values.quantile AS `ValueAtQuantiles.Quantile`,
    point.quantile_values.value AS `ValueAtQuantiles.Value`
FROM (
    SELECT
        ${metric_shared},
        arrayJoin(summary.data_points) AS point
    FROM ${database}.otlp_metric
);
