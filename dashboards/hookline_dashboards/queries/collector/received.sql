-- How many items (spans, log records, data points) came in an interval, by signal?
SELECT $__timeInterval(time) AS t, signal, sum(increase) AS items
FROM sum_values(metrics = ['hookline.collector.received'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, signal
ORDER BY t, signal
