-- How often files of a kind were read or changed on some days, by who, where and with what, and in which sessions.
INSERT INTO worked_days (grain, version, day, agent, user, project, tool, file_extension, tool_calls, sessions)
SELECT 9, {version:UInt64}, day, agent, user, project, tool, file_extension, count(), groupUniqArray(sipHash64(session_id))
FROM worked_calls AS w FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(started_ns, 86400000000000) = toUInt16(day)
  AND tool IN ('Read', 'Edit', 'MultiEdit', 'NotebookEdit', 'Write') AND outcome = 'success'
GROUP BY day, agent, user, project, tool, file_extension
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
