-- Which turns did a session have, as its waterfall shows them?
SELECT prompt_id, prompt_source, fromUnixTimestamp64Nano(started_ns, 'UTC') AS started, fromUnixTimestamp64Nano(ended_ns, 'UTC') AS ended, toBool(is_open) AS is_open, outcome, error_type, evidence
FROM worked_turns FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
ORDER BY started_ns
