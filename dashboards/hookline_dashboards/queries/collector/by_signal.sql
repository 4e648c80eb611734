-- Of which signals are the items that came?
WITH
    ['hookline.collector.received'] AS of_metrics,
    greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from
SELECT signal, sum(increase) AS items
FROM (
    {{sums_of_range}}
)
WHERE signal != ''
GROUP BY signal
ORDER BY items DESC
