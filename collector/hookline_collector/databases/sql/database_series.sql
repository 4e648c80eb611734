-- How did what may be used up develop, by series: in hours that are worked out, and in what is not worked out yet?
SELECT metric, series, any(attributes) AS labels, toUnixTimestamp(hour) AS at_s, argMax(last, at) AS amount
FROM (
    SELECT MetricName AS metric, Series AS series, Attributes AS attributes, Bucket AS hour, Last AS last, Bucket AS at
    FROM otel_metrics_1h FINAL
    WHERE MetricName IN {metrics:Array(String)} AND Bucket > {since:DateTime('UTC')} - 3600 AND Bucket <= {until:DateTime('UTC')}
      AND if(ResourceAttributes['hookline.db.name'] != '', ResourceAttributes['hookline.db.name'],
          concat(ResourceAttributes['server.address'], ':', ResourceAttributes['server.port'])) = {database:String}
    UNION ALL
    SELECT
        MetricName, cityHash64(ServiceName, MetricName, MetricUnit, 'gauge', ScopeName, ResourceAttributes, Attributes), Attributes,
        toStartOfHour(toDateTime(TimeUnix, 'UTC'), 'UTC'), Value, TimeUnix
    FROM otel_metrics_gauge
    WHERE MetricName IN {metrics:Array(String)} AND TimeUnix >= {worked_until:DateTime('UTC')} AND TimeUnix <= {until:DateTime('UTC')}
      AND if(ResourceAttributes['hookline.db.name'] != '', ResourceAttributes['hookline.db.name'],
          concat(ResourceAttributes['server.address'], ':', ResourceAttributes['server.port'])) = {database:String}
)
GROUP BY metric, series, hour
ORDER BY metric, series, hour
LIMIT 50000
