-- When begins the last of the first {limit} stretches, of many? Pieces that begin at a midnight may be of a stretch that began before.
SELECT greatest(from_ns, {start:Int64}) AS begun_ns
FROM worked_parts FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND kind < 4 AND to_ns > {start:Int64} AND from_ns < {end:Int64} AND from_ns % 86400000000000 != 0
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
  AND ({session_id:String} = '' OR session_id = {session_id:String}) AND ({agent:String} = '' OR agent = {agent:String})
ORDER BY begun_ns
LIMIT 1 OFFSET {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1
