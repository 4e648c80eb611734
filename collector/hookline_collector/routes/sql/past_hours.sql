-- How many requests were there for each route in each hour of the last days, and how long did they take?
SELECT
    ServiceName AS service,
    if(Attributes['rpc.method'] != '', 'grpc', Attributes['http.request.method']) AS method,
    if(Attributes['rpc.method'] != '', Attributes['rpc.method'], Attributes['http.route']) AS route,
    toUnixTimestamp(Bucket) AS at, sum(Observations), sum(Increase)
FROM otel_metrics_1h FINAL
WHERE MetricName IN {durations:Array(String)} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
  AND Attributes['network.protocol.name'] != 'websocket'
GROUP BY service, method, route, at
ORDER BY at
LIMIT 50000
