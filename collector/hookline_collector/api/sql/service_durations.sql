-- How long did requests take, by service, route and method, as services count them: in worked-out hours or minutes?
SELECT
    ServiceName AS service,
    if({by_route:UInt8} = 1, if(Attributes['http.route'] != '', Attributes['http.route'], Attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(Attributes['http.request.method'] != '', Attributes['http.request.method'], Attributes['rpc.system.name']), '') AS method,
    sum(Observations) AS served,
    sumIf(Observations, Attributes['error.type'] != '' OR startsWith(Attributes['http.response.status_code'], '5')) AS failed,
    sum(Increase) AS total_s,
    sumForEach(BucketCounts) AS counts,
    anyIf(ExplicitBounds, notEmpty(ExplicitBounds)) AS bounds,
    groupUniqArrayIf(20)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '') AS versions,
    groupUniqArrayIf(100)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '') AS instances
FROM {source:Identifier} FINAL
WHERE MetricName IN ('http.server.request.duration', 'rpc.server.call.duration')
  AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')} AND ({service:String} = '' OR ServiceName = {service:String})
GROUP BY service, route, method
HAVING served > 0
LIMIT 10000
