-- What goes on until now?
SELECT user, kind, reason, from_ns, to_ns, toInt64(1) AS agents, toInt64(0) AS act_ns, project, branch, revision, session_id, prompt_id, agent, heard_ns, sure_end_ns
FROM worked_running FINAL
WHERE {user:String} = '' OR user = {user:String}
