-- Take away what some days added up to.
INSERT INTO worked_days (grain, day, at_ns, agent, user, project, branch, model, tool, tool_kind, file_extension, version, gone)
SELECT grain, day, at_ns, agent, user, project, branch, model, tool, tool_kind, file_extension, {version:UInt64} - 1, 1
FROM worked_days FINAL
WHERE grain < 19 AND day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
