-- How many requests were there for each route in each interval, how long did they take, what did they call, and how late were loops (no method)?
SELECT number, service, method, route, sum(counted), sum(took), sum(db), sum(asked)
FROM (
    SELECT
        intDiv(toUnixTimestamp(TimeUnix), {every:UInt32}) AS number, ServiceName AS service,
        multiIf(MetricName = {lag:String}, '', Attributes['rpc.method'] != '', 'grpc', Attributes['http.request.method']) AS method,
        if(Attributes['rpc.method'] != '', Attributes['rpc.method'], Attributes['http.route']) AS route,
        toFloat64(Count) AS counted, Sum AS took, 0. AS db, 0. AS asked
    FROM otel_metrics_histogram
    WHERE (MetricName IN {durations:Array(String)} OR MetricName = {lag:String}) AND ScopeName = 'hookline.services' AND AggregationTemporality = 1
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')} AND Attributes['network.protocol.name'] != 'websocket'
    UNION ALL
    SELECT
        intDiv(toUnixTimestamp(TimeUnix), {every:UInt32}), ServiceName,
        if(Attributes['rpc.method'] != '', 'grpc', Attributes['http.request.method']),
        if(Attributes['rpc.method'] != '', Attributes['rpc.method'], Attributes['http.route']),
        0., 0., if(MetricName = {db_time:String}, Value, 0.), if(MetricName = {db_calls:String}, Value, 0.)
    FROM otel_metrics_sum
    WHERE MetricName IN ({db_time:String}, {db_calls:String}) AND ScopeName = 'hookline.services' AND AggregationTemporality = 1
      AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
)
GROUP BY number, service, method, route
ORDER BY number
LIMIT 200000
