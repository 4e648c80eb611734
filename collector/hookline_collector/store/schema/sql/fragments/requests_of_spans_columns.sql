-- What SERVER spans know of requests. Of spans, for the views that fill the table. Looking each name up in all attributes is most of what it costs, so those
-- that mean something are taken out first.
WITH
    mapFilter((key, value) -> has([
        'error.type', 'hookline.request.disconnected', 'hookline.request.first_byte', 'hookline.request.reason', 'http.request.method',
        'http.response.status_code', 'http.route', 'rpc.method', 'rpc.response.status_code', 'rpc.system.name'], key), SpanAttributes) AS told
SELECT
    toDate(started) AS day,
    ServiceName AS service,
    concat(TraceId, ':', SpanId) AS request_id,
    toTimeZone(Timestamp, 'UTC') AS started,
    toInt64(least(Duration, 9000000000000000000)) AS duration_ns,
    TraceId AS trace_id,
    SpanId AS span_id,
    multiIf(
        told['http.route'] != '', told['http.route'],
        told['rpc.method'] != '', told['rpc.method'],
        toString(SpanName)) AS route,
    if(told['http.request.method'] != '', told['http.request.method'], told['rpc.system.name']) AS method,
    if(told['http.response.status_code'] != '', told['http.response.status_code'], told['rpc.response.status_code'])
        AS status_code,
    told['error.type'] AS error_type,
    toUInt8(StatusCode = 'Error' OR error_type != '') AS is_failure,
    toUInt8(1) AS has_span,
    toUInt8(0) AS has_log,
    ResourceAttributes['service.version'] AS version,
    ResourceAttributes['service.instance.id'] AS instance,
    ResourceAttributes['host.name'] AS host,
    told['hookline.request.reason'] AS reason,
    toFloat64(0) AS threshold_s,
    greatest(0., least(1e15, ifNotFinite(toFloat64OrZero(told['hookline.request.first_byte']), 0.))) AS first_byte_s,
    toUInt8(told['hookline.request.disconnected'] = 'true') AS is_disconnected,
    toInt64(0) AS db_calls,
    toFloat64(0) AS db_s,
    toFloat64(0) AS loop_lag_s,
    toFloat64(0) AS gc_s,
    toInt64(0) AS repeated_calls,
    '' AS repeated,
    toInt64(0) AS calls_left_out,
    '' AS calls
