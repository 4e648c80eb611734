-- How much memory does the collector hold?
SELECT $__timeInterval(time) AS t, maxOrNull(most) AS resident
FROM gauge_values(metrics = ['process.memory.usage'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE service = 'hookline-collector'
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
