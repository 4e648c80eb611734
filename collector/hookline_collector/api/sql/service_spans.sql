-- How long did requests take, by service, route and method, as far as they came as spans or as records of slow ones?
SELECT
    service,
    if({by_route:UInt8} = 1, route, '') AS route,
    if({by_route:UInt8} = 1, method, '') AS method,
    count() AS served,
    countIf(outcome = 'failure') AS failed,
    sum(duration_s) AS total_s,
    quantilesTDigest(0.5, 0.95, 0.99)(duration_s) AS quantiles,
    countIf(has_log = 1) AS slow,
    max(ended) AS last,
    arraySort(groupUniqArrayIf(20)(version, version != '')) AS versions,
    arraySort(groupUniqArrayIf(100)(instance, instance != '')) AS instances
FROM requests_between(since = {first_day:Date}, until = {last_day:Date})
WHERE started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')} AND ({service:String} = '' OR service = {service:String})
GROUP BY service, route, method
ORDER BY served DESC
LIMIT 1000
