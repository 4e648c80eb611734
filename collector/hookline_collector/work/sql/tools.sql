-- Which tools ran, how often did they fail, how long did they take? (calls that began in the period; times without the wait for a permission)
SELECT
    tool,
    max(c.mcp_server) AS mcp_server,
    count() AS calls,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'denied') AS denials,
    countIf(outcome = 'interrupted') AS interruptions,
    sum(c.run_s) AS run_s,
    sum(c.wait_s) AS wait_s,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(c.run_s, outcome != 'denied') AS run_quantiles_s
FROM tool_calls_between(since = {since:Date}, until = {until:Date}) AS c
WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
  AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
GROUP BY tool
ORDER BY calls DESC, tool
SETTINGS optimize_move_to_prewhere_if_final = 1 -- what reaches the table are conditions on its keys only
