-- How many items wait in the journal to be stored, by signal?
SELECT $__timeInterval(time) AS t, attributes['hookline.signal'] AS signal, maxOrNull(most) AS items
FROM gauge_values(metrics = ['hookline.collector.journal_items'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, signal
ORDER BY t WITH FILL STEP $__interval_s, lower(signal)
INTERPOLATE (signal)
