-- The same of what is not worked out yet.
SELECT
    ServiceName AS service,
    if({by_route:UInt8} = 1, if(Attributes['http.route'] != '', Attributes['http.route'], Attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(Attributes['http.request.method'] != '', Attributes['http.request.method'], Attributes['rpc.system.name']), '') AS method,
    sum(Count) AS served,
    sumIf(Count, Attributes['error.type'] != '' OR startsWith(Attributes['http.response.status_code'], '5')) AS failed,
    sum(Sum) AS total_s,
    sumForEach(BucketCounts) AS counts,
    any(ExplicitBounds) AS bounds,
    groupUniqArrayIf(20)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '') AS versions,
    groupUniqArrayIf(100)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '') AS instances
FROM otel_metrics_histogram
WHERE AggregationTemporality = 1 AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
GROUP BY service, route, method
HAVING served > 0
LIMIT 10000
