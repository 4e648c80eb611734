-- Which half hours of a person were added up before?
SELECT grain, user, toUInt16(day), at_ns, project, branch, session_id, agent, hash
FROM worked_clocks FINAL
WHERE grain < 8 AND user = {user:String} AND day IN {days:Array(Date)} AND at_ns >= {since:Int64} AND at_ns < {until:Int64}
