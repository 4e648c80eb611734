-- What did the processes of a service take?
SELECT toString(metric) AS metric, sum(grown) AS grown, max(at_most) AS at_most
FROM (
    SELECT metric, series, sum(increase) AS grown, max(most) AS at_most
    FROM metric_values(
        metrics = ['process.cpu.time', 'process.memory.usage', 'process.thread.count', 'process.unix.file_descriptor.count', 'hookline.loop.longest'],
        since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}, step = {step:UInt32})
    WHERE service = {service:String}
    GROUP BY metric, series
)
GROUP BY metric
