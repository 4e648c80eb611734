-- The same of what is not worked out yet, and how many points tell running totals (`service_durations_running`).
SELECT
    ServiceName AS service,
    if({by_route:UInt8} = 1, if(Attributes['http.route'] != '', Attributes['http.route'], Attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(Attributes['http.request.method'] != '', Attributes['http.request.method'], Attributes['rpc.system.name']), '') AS method,
    sumIf(Count, AggregationTemporality = 1) AS served,
    sumIf(Count, AggregationTemporality = 1 AND (Attributes['error.type'] != '' OR startsWith(Attributes['http.response.status_code'], '5'))) AS failed,
    sumIf(Sum, AggregationTemporality = 1) AS total_s,
    sumForEachIf(BucketCounts, AggregationTemporality = 1) AS counts,
    any(ExplicitBounds) AS bounds,
    groupUniqArrayIf(20)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '') AS versions,
    groupUniqArrayIf(100)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '') AS instances,
    countIf(AggregationTemporality = 2) AS running
FROM otel_metrics_histogram
WHERE AggregationTemporality IN (1, 2) AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
GROUP BY service, route, method
HAVING served > 0 OR running > 0
LIMIT 10000
