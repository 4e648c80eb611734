-- Which routes of a service became slower, and what was said of it?
SELECT LogAttributes AS attributes, Body AS summary
FROM otel_logs
PREWHERE toStartOfFiveMinutes(Timestamp) >= toStartOfFiveMinutes({since:DateTime('UTC')}) AND ServiceName = {service:String}
  AND Timestamp >= {since:DateTime('UTC')} AND Timestamp < {until:DateTime('UTC')} AND EventName = 'hookline.route_regression'
ORDER BY Timestamp DESC
LIMIT 20
