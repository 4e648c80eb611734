-- Which turns did a session have, as its waterfall shows them?
SELECT prompt_id, prompt_source, started, ended, toBool(is_open) AS is_open, outcome, error_type, evidence
FROM turns_between(since = {since:Date}, until = {until:Date})
WHERE session_id = {session_id:String}
ORDER BY started
