-- Who worked when, and what waited for whom, in pieces that a midnight parts, of what is over: {most} at most, and one more where there are more.
SELECT kind, reason, user, project, branch, session_id, prompt_id, agents, from_ns, to_ns
FROM worked_parts FINAL
WHERE day BETWEEN {since:Date} AND {until:Date} AND kind < 4 AND to_ns > {start:Int64} AND from_ns < {end:Int64}
  AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
  AND ({session_id:String} = '' OR session_id = {session_id:String}) AND ({agent:String} = '' OR agent = {agent:String})
LIMIT {most:UInt32} + 1
SETTINGS do_not_merge_across_partitions_select_final = 1
