-- What calls of some days add up to by the hour, and by who, where and with what, with how long each ran that ran. Panels read it: every percentile and
-- every bound can be counted of times, and one row has those of many calls.
INSERT INTO worked_days (grain, version, day, at_ns, agent, user, project, tool, tool_kind, tool_calls, failures, denials, run_s, wait_s, run_values)
SELECT
    8, {version:UInt64}, day, started_ns - started_ns % 3600000000000 AS hour_ns, agent, user, project, tool, tool_kind,
    count(), countIf(outcome = 'failure'), countIf(outcome = 'denied'), sum(w.run_s), sum(w.wait_s),
    arraySort(groupArrayIf(w.run_s, outcome != 'denied'))
FROM worked_calls AS w FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(started_ns, 86400000000000) = toUInt16(day)
GROUP BY day, hour_ns, agent, user, project, tool, tool_kind
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
