-- For which share of the time did something on the machine have to wait for processor, memory or disk?
SELECT $__timeInterval(time) AS t, attributes['hookline.resource'] AS name, maxOrNull(most) AS share
FROM gauge_values(metrics = ['hookline.system.pressure'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, name
ORDER BY t WITH FILL STEP $__interval_s, lower(name)
INTERPOLATE (name)
