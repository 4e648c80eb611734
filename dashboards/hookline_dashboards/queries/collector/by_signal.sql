-- Of which signals are the items that came?
WITH
    ['hookline.collector.received'] AS of_metrics,
    {{sums_told_from}}
SELECT signal, sum(increase) AS items
FROM (
    {{sums_of_range}}
)
WHERE signal != ''
GROUP BY signal
ORDER BY items DESC
