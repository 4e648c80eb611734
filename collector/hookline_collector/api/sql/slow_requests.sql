-- Which requests were kept, the slowest first: of a service, of a route, or those that called a statement?
SELECT
    service, request_id, trace_id, span_id, started, duration_s, route, method, status_code AS response_status, outcome, error_type,
    reason AS kept_because, threshold_s, first_byte_s, is_disconnected = 1 AS disconnected, db_calls, db_s, loop_lag_s, gc_s, repeated_calls,
    version, instance, host
FROM requests_between(since = {first_day:Date}, until = {last_day:Date})
WHERE started >= {since:DateTime('UTC')} AND started < {until:DateTime('UTC')}
  AND (has_log = 1 OR {request_id:String} != '' OR {all:UInt8} = 1)
  AND ({service:String} = '' OR service = {service:String})
  AND ({route:String} = '' OR route = {route:String})
  AND ({request_id:String} = '' OR request_id = {request_id:String})
  AND ({statement_hash:String} = '' OR position(calls, {statement_hash:String}) > 0)
ORDER BY if({newest:UInt8} = 1, toUnixTimestamp(started), duration_s) DESC
LIMIT {limit:UInt32}
