-- How much does the journal hold on disk, by signal?
SELECT $__timeInterval(time) AS t, attributes['hookline.signal'] AS signal, maxOrNull(most) AS bytes
FROM gauge_values(metrics = ['hookline.collector.journal_bytes'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, signal
ORDER BY t WITH FILL STEP $__interval_s, lower(signal)
INTERPOLATE (signal)
