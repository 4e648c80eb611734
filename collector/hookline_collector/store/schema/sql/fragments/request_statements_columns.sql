-- Which statements a slow request called. Of records, for the views that fill the table.
WITH ${record_numbers}
SELECT
    arrayJoin(arrayDistinct(extractAll(LogAttributes['hookline.request.calls'], '"hash": ?"([0-9a-zA-Z]{1,64})"'))) AS statement_hash,
    toDate(fromUnixTimestamp64Nano(
        greatest(toUnixTimestamp64Nano(Timestamp) - toInt64(least(decimal('hookline.request.duration'), 1e6) * 1e9), 0), 'UTC')) AS day,
    ServiceName AS service,
    concat(TraceId, ':', SpanId) AS request_id
