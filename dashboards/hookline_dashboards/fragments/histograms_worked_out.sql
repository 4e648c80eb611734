greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from,
addNanoseconds($__toTime, 1) AS rows_to,
toStartOfHour($__fromTime + if($__interval_s < 3600, 3599, 0), 'UTC') AS first_hour,
toStartOfHour(least(rows_from, $__toTime + if($__interval_s < 3600, 0, 3600)), 'UTC') AS last_hour
