-- Which log records say something of the sessions heard of most recently? (rebuilding the live sessions at the start)
SELECT
    if(EventName = '', LogAttributes['event.name'], EventName) AS Name,
    toUnixTimestamp64Nano(Timestamp) AS TimeNs,
    ScopeName,
    mapConcat(ResourceAttributes, LogAttributes) AS Attributes
FROM otel_logs
WHERE Timestamp >= {since:DateTime64(9)}
  AND (ScopeName IN ('hookline.agent', 'hookline.history', 'hookline.collector') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
  AND LogAttributes['session.id'] IN
(
    SELECT LogAttributes['session.id'] AS session_id
    FROM otel_logs
    WHERE Timestamp >= {since:DateTime64(9)}
      AND (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
      AND session_id != ''
    GROUP BY session_id
    ORDER BY max(Timestamp) DESC
    LIMIT {sessions:UInt32}
)
LIMIT {records:UInt64}
