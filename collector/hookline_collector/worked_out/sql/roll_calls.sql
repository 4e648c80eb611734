-- What calls of some days add up to: by who, where and with what, or by half hours.
INSERT INTO worked_days (grain, version, day, agent, COLUMNS, mcp_server, tool_calls, failures, denials, interruptions, run_s, wait_s,
    derived_tool_calls, inferred_tool_calls, longest_run_s)
SELECT GRAIN, {version:UInt64}, day, agent, KEYS,
    max(w.mcp_server), count(), countIf(outcome = 'failure'), countIf(outcome = 'denied'), countIf(outcome = 'interrupted'), sum(w.run_s), sum(w.wait_s),
    countIf(evidence = 'derived'), countIf(evidence = 'inferred'), maxIf(w.run_s, outcome != 'denied')
FROM worked_calls AS w FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(started_ns, 86400000000000) = toUInt16(day)
GROUP BY day, agent, KEYS
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
