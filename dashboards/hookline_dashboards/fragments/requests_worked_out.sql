['http.server.request.duration'] AS of_metrics,
$__toTime AS rows_to,
least(greatest($__fromTime, (SELECT max(hour) + 3600 FROM metric_rollup_hours)), $__toTime) AS rows_from,
least(toStartOfHour($__fromTime + 3599), rows_from) AS first_hour,
greatest(toStartOfHour(rows_from), first_hour) AS last_hour,
{{within_buckets}}
