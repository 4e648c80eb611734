-- Which requests were kept, the slowest first: of a service, of a route, or those that called a statement?
SELECT
    service, request_id, trace_id, span_id, started, duration_ns / 1e9 AS duration_s, route, method, status_code AS response_status,
    if(is_failure = 1, 'failure', 'success') AS outcome, error_type, reason AS kept_because, threshold_s, first_byte_s,
    is_disconnected = 1 AS disconnected, db_calls, db_s, loop_lag_s, gc_s, repeated_calls, version, instance, host
FROM requests_state FINAL
PREWHERE day BETWEEN {first_day:Date} AND {last_day:Date} AND ({service:String} = '' OR service = {service:String}) AND request_id IN (
    SELECT request_id
    FROM requests_state FINAL
    WHERE day BETWEEN {first_day:Date} AND {last_day:Date}
      AND started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')}
      AND (has_log = 1 OR {request_id:String} != '' OR {all:UInt8} = 1)
      AND ({service:String} = '' OR service = {service:String})
      AND ({route:String} = '' OR route = {route:String})
      AND ({request_id:String} = '' OR request_id = {request_id:String})
      AND ({statement_hash:String} = '' OR request_id IN (
        SELECT request_id FROM request_statements
        WHERE statement_hash = {statement_hash:String} AND day BETWEEN {first_day:Date} AND {last_day:Date}
          AND ({service:String} = '' OR service = {service:String})))
    ORDER BY if({newest:UInt8} = 1, toUnixTimestamp(started), duration_ns) DESC
    LIMIT {limit:UInt32})
ORDER BY if({newest:UInt8} = 1, toUnixTimestamp(started), duration_ns) DESC
LIMIT {limit:UInt32}
