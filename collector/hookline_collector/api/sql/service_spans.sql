-- How long did requests take, by service, route and method, as far as they came as spans or as records of slow ones? Not of services that are counted.
SELECT
    service,
    if({by_route:UInt8} = 1, route, '') AS route,
    if({by_route:UInt8} = 1, method, '') AS method,
    count() AS served,
    countIf(is_failure = 1) AS failed,
    sum(duration_ns) / 1e9 AS total_s,
    arrayMap(each -> each / 1e9, quantilesTDigest(0.5, 0.95, 0.99)(duration_ns)) AS quantiles,
    arraySort(groupUniqArrayIf(20)(version, version != '')) AS versions,
    arraySort(groupUniqArrayIf(100)(instance, instance != '')) AS instances
FROM requests_state FINAL
WHERE day BETWEEN {first_day:Date} AND {last_day:Date} AND ({service:String} = '' OR service = {service:String}) AND service NOT IN {counted:Array(String)}
  AND started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')}
GROUP BY service, route, method
ORDER BY served DESC
LIMIT 1000
