-- How long did requests take, by service, route and method, as services count them: in worked-out hours or minutes, and points of the hours behind them?
SELECT
    ServiceName AS service,
    if({by_route:UInt8} = 1, if(Attributes['http.route'] != '', Attributes['http.route'], Attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(Attributes['http.request.method'] != '', Attributes['http.request.method'], Attributes['rpc.system.name']), '') AS method,
    sum(Observations) AS served,
    sumIf(Observations, Attributes['error.type'] != '' OR startsWith(Attributes['http.response.status_code'], '5')) AS failed,
    sum(Increase) AS total_s,
    sumForEach(BucketCounts) AS counts,
    any(ExplicitBounds) AS bounds,
    arraySort(groupUniqArrayIf(20)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '')) AS versions,
    arraySort(groupUniqArrayIf(100)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '')) AS instances
FROM (
    SELECT ServiceName, Attributes, ResourceAttributes, Observations, Increase, BucketCounts, ExplicitBounds
    FROM {source:Identifier} FINAL
    WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
      AND Bucket > {since:DateTime('UTC')} - {step:UInt32} AND Bucket < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
    UNION ALL
    SELECT ServiceName, Attributes, ResourceAttributes, Count, Sum, BucketCounts, ExplicitBounds
    FROM otel_metrics_histogram
    WHERE AggregationTemporality = 1 AND MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
      AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
)
GROUP BY service, route, method
HAVING served > 0
ORDER BY served DESC
LIMIT 10000
