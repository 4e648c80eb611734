-- How many items (spans, log records, data points) came in an interval, by signal?
WITH
    ['hookline.collector.received'] AS of_metrics,
    {{sums_told_from}}
SELECT $__timeInterval(time) AS t, signal, sum(increase) AS items
FROM (
    {{sums_of_range}}
)
GROUP BY t, signal
ORDER BY t, signal
