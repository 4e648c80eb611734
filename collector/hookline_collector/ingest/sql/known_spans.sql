-- Which spans of Hookline's own scopes are stored: the newest first, as the ids and times that make their keys.
SELECT TraceId, SpanId, toUnixTimestamp64Nano(Timestamp) AS start_ns, start_ns + toInt64(Duration) AS end_ns
FROM otel_traces
WHERE ScopeName IN {scopes:Array(String)} AND Timestamp >= now() - toIntervalDay({days:UInt32})
ORDER BY Timestamp DESC
LIMIT {limit:UInt32}
