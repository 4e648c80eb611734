-- The same of running totals: what they grew by from their last point on; one that begins anew counts whole.
SELECT
    ServiceName AS service,
    if({by_route:UInt8} = 1, if(Attributes['http.route'] != '', Attributes['http.route'], Attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(Attributes['http.request.method'] != '', Attributes['http.request.method'], Attributes['rpc.system.name']), '') AS method,
    sum(grown) AS served,
    sumIf(grown, Attributes['error.type'] != '' OR startsWith(Attributes['http.response.status_code'], '5')) AS failed,
    sum(grown_s) AS total_s,
    sumForEach(grown_counts) AS counts,
    anyIf(ends, notEmpty(ends)) AS bounds,
    groupUniqArrayIf(20)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '') AS versions,
    groupUniqArrayIf(100)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '') AS instances
FROM (
    SELECT
        ServiceName, ResourceAttributes, Attributes, TimeUnix, ends,
        multiIf(is_unknown, toUInt64(0), goes_on, toUInt64(Count - count_before), Count) AS grown,
        multiIf(is_unknown, 0., goes_on, Sum - sum_before, Sum) AS grown_s,
        multiIf(
            is_unknown, emptyArrayUInt64(),
            goes_on AND length(buckets) = length(counts_before),
            arrayMap((n, before) -> toUInt64(greatest(n, before) - before), buckets, counts_before),
            buckets) AS grown_counts
    FROM (
        WITH
            dateDiff('second', time_before, TimeUnix) > 3600 AS is_first,
            NOT is_first AND StartTimeUnix <= time_before AND Count >= count_before AND Sum >= sum_before AS goes_on,
            is_first AND StartTimeUnix < TimeUnix - 3600 AS is_unknown
        SELECT
            ServiceName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum, buckets, ends, goes_on, is_unknown,
            lagInFrame(TimeUnix) OVER w AS time_before, lagInFrame(Count) OVER w AS count_before,
            lagInFrame(Sum) OVER w AS sum_before, lagInFrame(buckets) OVER w AS counts_before
        FROM (
            SELECT
                ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum,
                BucketCounts AS buckets, ExplicitBounds AS ends
            FROM otel_metrics_histogram
            WHERE AggregationTemporality = 2 AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
              AND TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
              AND ({service:String} = '' OR ServiceName = {service:String})
            UNION ALL
            SELECT
                ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, StartTimeUnix, TimeUnix, Count, Sum,
                emptyArrayUInt64(), emptyArrayFloat64()
            FROM otel_metrics_exponential_histogram
            WHERE AggregationTemporality = 2 AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
              AND TimeUnix >= {since:DateTime('UTC')} - 3600 AND TimeUnix < {until:DateTime('UTC')}
              AND ({service:String} = '' OR ServiceName = {service:String})
        )
        WINDOW w AS (
            PARTITION BY ServiceName, MetricName, MetricUnit, ScopeName, ResourceAttributes, Attributes, ends
            ORDER BY TimeUnix, Sum ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
)
WHERE TimeUnix >= {since:DateTime('UTC')}
GROUP BY service, route, method
HAVING served > 0
LIMIT 10000
