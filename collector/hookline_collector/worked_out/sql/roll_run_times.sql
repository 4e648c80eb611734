-- How long tools ran on some days: each time, and of more than 512 runs of a tool on a day times to half a percent, with how many there were.
INSERT INTO worked_days (grain, version, day, agent, tool, tool_kind, run_values, run_weights)
SELECT 3, {version:UInt64}, day, agent, tool, tool_kind, groupArray(value), groupArray(weight)
FROM (
    SELECT day, agent, tool, tool_kind, if(length(found) > 512 AND each > 0, exp(round(log(each) * 100) / 100), each) AS value, count() AS weight
    FROM (
        SELECT day, agent, tool, tool_kind, groupArray(w.run_s) AS found
        FROM worked_calls AS w FINAL
        WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(started_ns, 86400000000000) = toUInt16(day) AND outcome != 'denied'
        GROUP BY day, agent, tool, tool_kind
    )
    ARRAY JOIN found AS each
    GROUP BY day, agent, tool, tool_kind, value
)
GROUP BY day, agent, tool, tool_kind
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
