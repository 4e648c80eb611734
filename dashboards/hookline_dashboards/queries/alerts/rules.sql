-- How many rules are in force, and how many could not be evaluated?
SELECT
    $__timeInterval(time) AS t,
    maxOrNullIf(most, metric = 'hookline.collector.rules') AS `in force`,
    maxOrNullIf(most, metric = 'hookline.collector.rules_failing') AS failing,
    maxOrNullIf(most, metric = 'hookline.collector.alerts_firing') AS firing
FROM gauge_values(
    metrics = ['hookline.collector.rules', 'hookline.collector.rules_failing', 'hookline.collector.alerts_firing'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
