-- How much of a processor core does the collector use?
SELECT $__timeInterval(time) AS t, sumOrNull(increase) / $__interval_s AS cores
FROM sum_values(metrics = ['process.cpu.time'], since = $__fromTime, until = $__toTime, step = $__interval_s)
WHERE service = 'hookline-collector'
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
