-- How many tool calls began, how many failed and how long did they let a person be asked, by what {by} says? And which tools ran, how often did they
-- fail, how long did they take (without the wait for a permission)? One statement, as both read the same calls. A row is the total (part 0), a key
-- (part 1), a tool (part 2), or what an agent does with tools of a kind (part 3).
SELECT
    slot.1 AS part,
    slot.2 AS key,
    count() AS tool_calls,
    countIf(outcome = 'failure') AS failures,
    countIf(outcome = 'denied') AS denials,
    countIf(outcome = 'interrupted') AS interruptions,
    sum(c.run_s) AS run_s,
    countIf(evidence = 'derived') AS derived_tool_calls,
    countIf(evidence = 'inferred') AS inferred_tool_calls,
    maxIf(c.mcp_server, part = 2) AS mcp_server,
    sum(c.wait_s) AS wait_s,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(c.run_s, part > 1 AND outcome != 'denied') AS run_quantiles_s
FROM (
    SELECT
        *,
        arrayJoin([
            (0, ''),
            (1, multiIf(
                {by:String} = 'project', project,
                {by:String} = 'branch', if(branch = '', project, concat(project, ' ', branch)),
                {by:String} = 'user', user,
                {by:String} = 'agent', agent,
                {by:String} = 'session', session_id,
                {by:String} = 'tool', tool,
                {by:String} = 'kind', tool_kind,
                {by:String} = 'model', '',
                transform(roundDown(toUnixTimestamp64Nano(started), {edges:Array(Int64)}), {edges:Array(Int64)}, arrayPushBack({days:Array(String)}, ''), ''))),
            (2, tool),
            (3, concat(agent, ' ', tool_kind))]) AS slot
    FROM told_tool_calls_between(since = {since:Date}, until = {until:Date})
    WHERE toUnixTimestamp64Nano(started) >= {edges:Array(Int64)}[1] AND toUnixTimestamp64Nano(started) < {edges:Array(Int64)}[-1]
      AND ({user:String} = '' OR session_id IN (SELECT session_id FROM sessions_state AS of_user WHERE of_user.user.4 = {user:String}))
      AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
      AND ({agent:String} = '' OR agent = {agent:String})
) AS c
GROUP BY slot
ORDER BY part, if(part > 1, tool_calls, 0) DESC, key
SETTINGS optimize_move_to_prewhere_if_final = 1 -- what reaches the table are conditions on its keys only
