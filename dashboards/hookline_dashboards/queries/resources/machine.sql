-- How busy are the machines: processor and memory in use?
SELECT
    $__timeInterval(time) AS t,
    host,
    sumIf(total, metric = 'system.cpu.utilization') / nullIf(sumIf(points, metric = 'system.cpu.utilization'), 0) AS processor,
    maxOrNullIf(most, metric = 'system.memory.utilization' AND state = 'used') AS memory
FROM gauge_values(metrics = ['system.cpu.utilization', 'system.memory.utilization'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t, host
ORDER BY t WITH FILL STEP $__interval_s, lower(host)
INTERPOLATE (host)
