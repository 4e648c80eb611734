-- Which hooks ran in a session, as the agent itself tells: when they ended and how long they took.
SELECT
    toUnixTimestamp64Nano(l.Timestamp) AS to_ns,
    LogAttributes['hook_event'] AS event,
    LogAttributes['hook_name'] AS name,
    LogAttributes['prompt.id'] AS prompt_id,
    toFloat64OrZero(LogAttributes['total_duration_ms']) AS took_ms,
    toUInt32OrZero(LogAttributes['num_hooks']) AS hooks,
    toUInt32OrZero(LogAttributes['num_blocking']) + toUInt32OrZero(LogAttributes['num_non_blocking_error']) AS troubles
FROM otel_logs AS l
PREWHERE Timestamp BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64})
  AND startsWith(ScopeName, 'com.anthropic.claude_code') AND has(mapValues(LogAttributes), {session_id:String})
  AND LogAttributes['session.id'] = {session_id:String}
  AND endsWith(Body, 'hook_execution_complete')
ORDER BY to_ns
LIMIT {limit:UInt32}
