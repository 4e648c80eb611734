-- As read_calls.sql, without how long tools ran: of whole days as they were added up.
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
    sum(c.wait_s) AS wait_s
FROM (
    SELECT
        * REPLACE (toString(mcp_server) AS mcp_server),
        arrayJoin(arrayFilter(
            each -> (grain = 2) = (each.1 < 2) OR length({grains:Array(UInt8)}) = 1,
            [(0, ''), (1, toString(of_key)), (2, toString(of_tool)), (3, concat(of_agent, ' ', of_kind))])) AS slot
    FROM (
        SELECT
            grain,
            KEY_OF_DAY AS of_key,
            tool AS of_tool,
            agent AS of_agent,
            tool_kind AS of_kind,
            sum(w.tool_calls) AS tool_calls,
            sum(w.failures) AS failures,
            sum(w.denials) AS denials,
            sum(w.interruptions) AS interruptions,
            sum(w.run_s) AS run_s,
            sum(w.derived_tool_calls) AS derived_tool_calls,
            sum(w.inferred_tool_calls) AS inferred_tool_calls,
            max(w.mcp_server) AS mcp_server,
            sum(w.wait_s) AS wait_s
        FROM worked_days AS w
        WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP AND ({agent:String} = '' OR agent = {agent:String})
        GROUP BY grain, of_key, of_tool, of_agent, of_kind
    )
) AS c
GROUP BY slot
