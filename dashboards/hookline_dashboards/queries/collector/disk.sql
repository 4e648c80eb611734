-- How much is free on the disk of the data folder, and how large is the database?
SELECT
    $__timeInterval(time) AS t,
    minOrNullIf(least, metric = 'hookline.collector.disk_free_bytes') AS free,
    maxOrNullIf(most, metric = 'hookline.collector.store_bytes') AS `database`
FROM gauge_values(
    metrics = ['hookline.collector.disk_free_bytes', 'hookline.collector.store_bytes'], since = $__fromTime, until = $__toTime, step = $__interval_s)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
