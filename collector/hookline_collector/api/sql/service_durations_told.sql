-- The same of what is not worked out yet, and how many points tell running totals (`service_durations_running`). Exponential buckets are not told, as in hours.
SELECT
    service,
    if({by_route:UInt8} = 1, if(attributes['http.route'] != '', attributes['http.route'], attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(attributes['http.request.method'] != '', attributes['http.request.method'], attributes['rpc.system.name']), '') AS method,
    sumIf(counted, temporality = 1) AS served,
    sumIf(counted, temporality = 1 AND (attributes['error.type'] != '' OR startsWith(attributes['http.response.status_code'], '5'))) AS failed,
    sumIf(took, temporality = 1) AS total_s,
    sumForEachIf(buckets, temporality = 1) AS counts,
    anyIf(ends, notEmpty(ends)) AS bounds,
    groupUniqArrayIf(20)(resource['service.version'], resource['service.version'] != '') AS versions,
    groupUniqArrayIf(100)(resource['service.instance.id'], resource['service.instance.id'] != '') AS instances,
    countIf(temporality = 2) AS running
FROM (
    SELECT
        ServiceName AS service, ResourceAttributes AS resource, Attributes AS attributes, AggregationTemporality AS temporality,
        Count AS counted, Sum AS took, BucketCounts AS buckets, ExplicitBounds AS ends
    FROM otel_metrics_histogram
    WHERE AggregationTemporality IN (1, 2) AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
    UNION ALL
    SELECT ServiceName, ResourceAttributes, Attributes, AggregationTemporality, Count, Sum, emptyArrayUInt64(), emptyArrayFloat64()
    FROM otel_metrics_exponential_histogram
    WHERE AggregationTemporality IN (1, 2) AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
)
GROUP BY service, route, method
HAVING served > 0 OR running > 0
LIMIT 10000
