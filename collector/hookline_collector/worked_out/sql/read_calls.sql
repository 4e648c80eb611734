-- As calls.sql of the reports, of what was worked out: each tool's and key's figures first, so that few rows are counted four times. How long they ran is
-- told where days are not read for it.
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
CALLS
    )
) AS c
GROUP BY slot
ORDER BY part, if(part > 1, tool_calls, 0) DESC, key
SETTINGS do_not_merge_across_partitions_select_final = 1
