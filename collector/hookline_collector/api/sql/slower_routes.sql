-- Which routes of a service became slower, since when, and what was said of it?
SELECT
    if(LogAttributes['rpc.method'] != '', 'grpc', LogAttributes['http.request.method']) AS method,
    if(LogAttributes['rpc.method'] != '', LogAttributes['rpc.method'], LogAttributes['http.route']) AS route,
    fromUnixTimestamp64Nano(toInt64OrZero(LogAttributes['hookline.route.regression.since']), 'UTC') AS since,
    toFloat64OrZero(LogAttributes['hookline.route.regression.ratio']) AS times_as_long,
    toFloat64OrZero(LogAttributes['hookline.route.regression.before_ms']) / 1e3 AS before_s,
    toFloat64OrZero(LogAttributes['hookline.route.regression.after_ms']) / 1e3 AS after_s,
    Body AS summary
FROM otel_logs
PREWHERE toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes({since:DateTime('UTC')}) AND ServiceName = {service:String}
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} AND EventName = 'hookline.route_regression'
ORDER BY Timestamp DESC
LIMIT 20
