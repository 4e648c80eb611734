-- How many items wait in the journal to be stored, by signal?
SELECT $__timeInterval(time) AS t, attributes['hookline.signal'] AS signal, max(most) AS items
FROM metric_values(metrics = ['hookline.collector.journal_items'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, signal
ORDER BY t, signal
