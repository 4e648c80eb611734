-- The same of what is not worked out yet; `running` are points of running totals, which do not say by how much they grew.
SELECT MetricName AS metric, 0. AS grown, max(Value) AS at_most, 0 AS running
FROM otel_metrics_gauge
WHERE MetricName IN ('process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count', 'hookline.loop.longest')
  AND ServiceName = {service:String} AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
GROUP BY metric
UNION ALL
SELECT MetricName, sumIf(Value, AggregationTemporality != 2), max(Value), countIf(AggregationTemporality = 2 AND MetricName = 'process.cpu.time')
FROM otel_metrics_sum
WHERE MetricName IN ('process.cpu.time', 'process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count')
  AND ServiceName = {service:String} AND TimeUnix >= {since:DateTime('UTC')} AND TimeUnix < {until:DateTime('UTC')}
GROUP BY MetricName
