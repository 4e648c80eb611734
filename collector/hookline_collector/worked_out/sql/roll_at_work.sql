-- In which sessions an agent was at work in which hour of some days: its stretches that began in it, by who and where.
INSERT INTO worked_days (grain, version, day, at_ns, agent, user, project, sessions)
SELECT 10, {version:UInt64}, day, from_ns - from_ns % 3600000000000 AS hour_ns, agent, user, project, groupUniqArray(sipHash64(session_id))
FROM worked_parts FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(from_ns, 86400000000000) = toUInt16(day) AND kind = 1
GROUP BY day, hour_ns, agent, user, project
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
