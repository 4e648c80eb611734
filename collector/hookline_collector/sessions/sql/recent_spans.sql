-- Which spans say something of the sessions heard of most recently? (rebuilding the live sessions at the start)
SELECT
    SpanName,
    toUnixTimestamp64Nano(Timestamp) AS StartNs,
    toUnixTimestamp64Nano(Timestamp) + toInt64(Duration) AS EndNs,
    ScopeName,
    mapConcat(ResourceAttributes, SpanAttributes) AS Attributes
FROM otel_traces
WHERE Timestamp >= {since:DateTime64(9)}
  AND (ScopeName IN ('hookline.agent', 'hookline.history', 'hookline.collector') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
  AND SpanAttributes['session.id'] IN
(
    SELECT SpanAttributes['session.id'] AS session_id
    FROM otel_traces
    WHERE Timestamp >= {since:DateTime64(9)}
      AND (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
      AND session_id != ''
    GROUP BY session_id
    ORDER BY max(Timestamp) DESC
    LIMIT {sessions:UInt32}
)
LIMIT {records:UInt64}
