-- When did the store take what it was given, and when did it not?
SELECT $__timeInterval(time) AS t, 'store' AS part, if(min(least) >= 1, 'available', 'away') AS state
FROM gauge_values(metrics = ['hookline.collector.store_available'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t
