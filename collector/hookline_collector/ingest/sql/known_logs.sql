-- Which log records of Hookline's own scopes are stored: their uids, the newest first.
SELECT LogAttributes['log.record.uid'] AS uid
FROM otel_logs
WHERE ScopeName IN {scopes:Array(String)} AND Timestamp >= now() - toIntervalDay({days:UInt32}) AND uid != ''
ORDER BY Timestamp DESC
LIMIT {limit:UInt32}
