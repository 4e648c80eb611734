-- Which routes became slower, what grew, and what else changed then?
SELECT
    Timestamp AS started,
    ServiceName AS place,
    trim(concat(LogAttributes['http.request.method'], ' ', LogAttributes['http.route'], LogAttributes['rpc.method'])) AS name,
    toFloat64OrZero(LogAttributes['hookline.route.regression.before_ms']) / 1000 AS before,
    toFloat64OrZero(LogAttributes['hookline.route.regression.after_ms']) / 1000 AS after,
    toFloat64OrZero(LogAttributes['hookline.route.regression.ratio']) AS times,
    Body AS what
FROM otel_logs
WHERE $__timeFilter(Timestamp) AND EventName = 'hookline.route_regression'
  AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)
ORDER BY started DESC
LIMIT 100
