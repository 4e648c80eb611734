-- Which other sessions tell of the same calls or prompts? Copies have the times of what they copy.
SELECT DISTINCT session_id
FROM sessions_state
WHERE started <= fromUnixTimestamp64Nano({last:Int64}) AND last >= fromUnixTimestamp64Nano({first:Int64})
  AND session_id NOT IN {sessions:Array(String)}
  AND (hasAny(calls, {calls:Array(UInt64)}) OR hasAny(prompts, {prompts:Array(UInt64)}))
