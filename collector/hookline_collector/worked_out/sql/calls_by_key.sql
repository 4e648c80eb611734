-- Calls by what KEY says, tool and agent. They are grouped by columns as they are stored: a text made for each row costs more than all sums.
SELECT
    KEY AS of_key,
    tool AS of_tool,
    agent AS of_agent,
    tool_kind AS of_kind,
    count() AS tool_calls,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'denied') AS denials,
    countIf(outcome = 'interrupted') AS interruptions,
    sum(w.run_s) AS run_s,
    countIf(evidence = 'derived') AS derived_tool_calls,
    countIf(evidence = 'inferred') AS inferred_tool_calls,
    max(w.mcp_server) AS mcp_server,
    sum(w.wait_s) AS wait_s ADDED
FROM worked_calls AS w FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND started_ns >= {cuts:Array(Int64)}[1] AND started_ns < {cuts:Array(Int64)}[-1] BESIDE
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
  AND ({agent:String} = '' OR agent = {agent:String})
GROUP BY of_key, of_tool, of_agent, of_kind
