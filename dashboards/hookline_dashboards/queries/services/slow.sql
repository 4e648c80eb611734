-- Which requests were kept for being slow or for having failed?
SELECT
    toDateTime64(r.started, 9, 'UTC') AS started,
    r.service AS place,
    trim(concat(r.method, ' ', r.route)) AS name,
    r.duration_s AS took,
    toString(r.status_code) AS status,
    toString(r.reason) AS why,
    toInt64(r.db_calls) AS `db calls`,
    toFloat64(r.db_s) AS `in databases`,
    toInt64(r.repeated_calls) AS repeated,
    toString(r.request_id) AS request,
    toString(r.trace_id) AS trace
FROM requests_between(since = toDate($__fromTime), until = toDate($__toTime)) AS r
WHERE $__timeFilter(r.started) AND r.has_log = 1
  AND $__conditionalAll(r.service IN (${service:singlequote}), $service)
ORDER BY took DESC
LIMIT 100
