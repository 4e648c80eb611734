-- What did a person and their agents do on these days, between these moments?
SELECT user, kind, reason, from_ns, to_ns, agents, act_ns, project, branch, revision, session_id, prompt_id, agent
FROM worked_parts FINAL
WHERE user = {user:String} AND day IN {days:Array(Date)} AND from_ns < {until:Int64} AND to_ns > {since:Int64}
