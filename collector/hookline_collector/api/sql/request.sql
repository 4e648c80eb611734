-- What is known of a request, and what did it call?
SELECT
    service, request_id, trace_id, span_id, started, duration_ns / 1e9 AS duration_s, route, method, status_code AS response_status,
    if(is_failure = 1, 'failure', 'success') AS outcome, error_type, reason AS kept_because, threshold_s, first_byte_s,
    is_disconnected = 1 AS disconnected, db_calls, db_s, loop_lag_s, gc_s, repeated_calls, version, instance, host, calls, repeated, calls_left_out
FROM requests_state FINAL
WHERE day BETWEEN {first_day:Date} AND {last_day:Date} AND started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')}
  AND request_id = {request_id:String}
LIMIT 1
