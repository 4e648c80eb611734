-- How many rules are in force, and how many could not be evaluated?
SELECT
    $__timeInterval(time) AS t,
    maxIf(most, metric = 'hookline.collector.rules') AS `in force`,
    maxIf(most, metric = 'hookline.collector.rules_failing') AS failing,
    maxIf(most, metric = 'hookline.collector.alerts_firing') AS firing
FROM gauge_values(
    metrics = ['hookline.collector.rules', 'hookline.collector.rules_failing', 'hookline.collector.alerts_firing'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t
