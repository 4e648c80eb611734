-- Which sessions were heard of lately, what became of them, and what did they take?
SELECT
    s.session_id AS session_id,
    s.agent AS agent,
    s.user AS user,
    s.host AS host,
    s.project AS project,
    s.branch AS branch,
    s.model AS model,
    fromUnixTimestamp64Nano(s.started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(s.last_ns, 'UTC') AS last,
    fromUnixTimestamp64Nano(s.ended_ns, 'UTC') AS ended,
    greatest(0, ifNull(s.ended_ns, s.last_ns) - s.started_ns) / 1e9 AS duration_s,
    s.ended_how AS end_reason,
    s.end_reason AS agent_end_reason,
    s.evidence AS evidence,
    s.start_source AS start_source,
    s.previous_id AS previous_id,
    if(s.is_script = 1, false, NULL) AS interactive,
    s.sources AS sources,
    s.prompts AS prompts,
    s.calls AS tool_calls,
    s.failures AS failures,
    s.requests AS requests,
    s.input_tokens AS input_tokens,
    s.output_tokens AS output_tokens,
    s.cache_read_tokens AS cache_read_tokens,
    s.cache_creation_tokens AS cache_creation_tokens,
    s.total_tokens AS total_tokens,
    s.cost_usd AS cost_usd,
    s.requests_without_cost AS requests_without_cost
FROM worked_sessions AS s FINAL
WHERE s.last_ns > 0 AND last >= subtractDays(now64(3), {days:UInt32})
  AND ({project:String} = '' OR s.project = {project:String})
  AND ({user:String} = '' OR s.user = {user:String})
  AND ({agent:String} = '' OR s.agent = {agent:String})
  AND NOT startsWith(s.session_id, 'hookline-doctor-')
  AND ({search:String} = '' OR positionCaseInsensitiveUTF8(
      concat(s.session_id, ' ', s.project, ' ', s.branch, ' ', s.model, ' ', s.user, ' ', s.host, ' ', s.agent), {search:String}) > 0)
  AND ({state:String} = '' OR has({of_state:Array(String)}, s.session_id)
    OR ({state:String} = 'idle' AND s.ended_ns IS NULL AND NOT has({in_memory:Array(String)}, s.session_id))
    OR ({state:String} = 'ended' AND NOT (s.ended_ns IS NULL) AND NOT has({in_memory:Array(String)}, s.session_id)))
ORDER BY s.last_ns DESC
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
