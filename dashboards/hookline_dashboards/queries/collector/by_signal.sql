-- Of which signals are the items that came?
SELECT signal, sum(increase) AS items
FROM sum_values(metrics = ['hookline.collector.received'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE signal != ''
GROUP BY signal
ORDER BY items DESC
