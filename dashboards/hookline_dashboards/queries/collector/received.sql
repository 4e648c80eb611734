-- How many items (spans, log records, data points) came in an interval, by signal?
WITH
    ['hookline.collector.received'] AS of_metrics,
    greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from
SELECT $__timeInterval(time) AS t, signal, sum(increase) AS items
FROM (
    {{sums_of_range}}
)
GROUP BY t, signal
ORDER BY t, signal
