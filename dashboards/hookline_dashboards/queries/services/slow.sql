-- Which requests were kept for being slow or for having failed?
SELECT
    started,
    service AS place,
    trim(concat(method, ' ', route)) AS name,
    duration_s AS took,
    status_code AS status,
    reason AS why,
    db_calls AS `db calls`,
    db_s AS `in databases`,
    repeated_calls AS repeated,
    request_id AS request,
    trace_id AS trace
FROM requests_between(since = toDate($__fromTime), until = toDate($__toTime))
WHERE $__timeFilter(started) AND has_log = 1
  AND $__conditionalAll(service IN (${service:singlequote}), $service)
ORDER BY took DESC
LIMIT 100
