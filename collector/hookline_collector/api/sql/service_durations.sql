-- How long did requests take, by service, route and method, as services count them?
SELECT
    toString(service) AS service,
    if({by_route:UInt8} = 1, if(attributes['http.route'] != '', attributes['http.route'], attributes['rpc.method']), '') AS route,
    if({by_route:UInt8} = 1, if(attributes['http.request.method'] != '', attributes['http.request.method'], attributes['rpc.system.name']), '') AS method,
    sum(observations) AS served,
    sumIf(observations, attributes['error.type'] != '' OR startsWith(attributes['http.response.status_code'], '5')) AS failed,
    sum(increase) AS total_s,
    sumForEach(bucket_counts) AS counts,
    any(bounds) AS bounds,
    arraySort(groupUniqArrayIf(20)(resource['service.version'], resource['service.version'] != '')) AS versions,
    arraySort(groupUniqArrayIf(100)(resource['service.instance.id'], resource['service.instance.id'] != '')) AS instances
FROM (
    SELECT * FROM metric_curves(metric = 'http.server.request.duration', since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, points = 24)
    UNION ALL
    SELECT * FROM metric_curves(metric = 'rpc.server.call.duration', since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, points = 24)
)
WHERE {service:String} = '' OR service = {service:String}
GROUP BY service, route, method
HAVING served > 0
ORDER BY served DESC
LIMIT 1000
