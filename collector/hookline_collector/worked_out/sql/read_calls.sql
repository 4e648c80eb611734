-- As calls.sql of the reports, of what was worked out: each tool's and key's figures first, so that few rows are counted four times. They are grouped by
-- columns as they are stored: a text made for each row costs more than all sums. How long they ran is told where days are not read for it.
SELECT
    slot.1 AS part,
    slot.2 AS key,
    sum(c.tool_calls) AS tool_calls,
    sum(c.failures) AS failures,
    sum(c.denials) AS denials,
    sum(c.interruptions) AS interruptions,
    sum(c.run_s) AS run_s,
    sum(c.derived_tool_calls) AS derived_tool_calls,
    sum(c.inferred_tool_calls) AS inferred_tool_calls,
    maxIf(c.mcp_server, part = 2) AS mcp_server,
    sum(c.wait_s) AS wait_s TOLD
FROM (
    SELECT
        * REPLACE (toString(mcp_server) AS mcp_server),
        arrayJoin([(0, ''), (1, toString(of_key)), (2, toString(of_tool)), (3, concat(of_agent, ' ', of_kind))]) AS slot
    FROM (
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
    )
) AS c
GROUP BY slot
ORDER BY part, if(part > 1, tool_calls, 0) DESC, key
SETTINGS do_not_merge_across_partitions_select_final = 1
