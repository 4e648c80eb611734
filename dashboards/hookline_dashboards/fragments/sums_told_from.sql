greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)) AS rows_from
