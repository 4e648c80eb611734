-- The service's spans of the last day once more on other days, each in a trace of its own.
INSERT INTO otel_traces
SELECT t.* REPLACE (
    t.Timestamp - toIntervalDay(n) + toIntervalMillisecond(copy * 37) AS Timestamp,
    lower(hex(MD5(concat(t.TraceId, toString(n), ' ', toString(copy))))) AS TraceId,
    lower(hex(sipHash64(t.SpanId, n, copy))) AS SpanId)
FROM (
    SELECT * FROM otel_traces WHERE ServiceName = 'shop' AND toDate(Timestamp) = {last:Date} AND length(TraceId) = 32 AND startsWith(TraceId, '000000000000')
) AS t
ARRAY JOIN range({first:UInt32}, {first:UInt32} + {days:UInt32}) AS n
ARRAY JOIN range({copies:UInt32}) AS copy
WHERE n > 0 OR copy > 0
