-- Does what is decided reach people: changes that are not told yet, messages that wait, targets that fail?
SELECT
    $__timeInterval(time) AS t,
    maxOrNullIf(most, metric = 'hookline.collector.alerts_untold') AS `not told yet`,
    maxOrNullIf(most, metric = 'hookline.collector.messages_waiting') AS `messages waiting`,
    maxOrNullIf(most, metric = 'hookline.collector.targets_failing') AS `targets failing`
FROM gauge_values(
    metrics = ['hookline.collector.alerts_untold', 'hookline.collector.messages_waiting', 'hookline.collector.targets_failing'],
    since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
