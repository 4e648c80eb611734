-- Which hooks ran in a session, as the agent itself tells: when they ended, and what is told of them.
SELECT toUnixTimestamp64Nano(Timestamp) AS to_ns, LogAttributes AS attributes
FROM otel_logs
PREWHERE Timestamp BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64})
  AND startsWith(ScopeName, 'com.anthropic.claude_code') AND has(mapValues(LogAttributes), {session_id:String})
  AND LogAttributes['session.id'] = {session_id:String}
  AND endsWith(Body, 'hook_execution_complete')
ORDER BY to_ns
LIMIT {limit:UInt32}
