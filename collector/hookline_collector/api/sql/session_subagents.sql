-- What kind is each subagent of a session?
SELECT SpanAttributes['gen_ai.agent.id'] AS agent_id, any(substring(SpanName, 14)) AS agent_name
FROM otel_traces
PREWHERE ServiceName = {agent:String} AND startsWith(SpanName, 'invoke_agent ') AND Timestamp BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64})
  AND SpanAttributes['session.id'] = {session_id:String} AND agent_id != ''
GROUP BY agent_id
LIMIT {limit:UInt32}
