-- What did the processes of a service take, as it was worked out by the minute or hour?
SELECT MetricName AS metric, sum(Increase) AS grown, max(Max) AS at_most
FROM {source:Identifier} FINAL
WHERE MetricName IN ('process.cpu.time', 'process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count', 'hookline.loop.longest')
  AND ServiceName = {service:String} AND Bucket >= {since:DateTime('UTC')} AND Bucket < {until:DateTime('UTC')}
GROUP BY metric
