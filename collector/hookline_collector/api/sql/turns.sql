-- Which turns did a session have, and what did each take?
SELECT
    t.session_id AS session_id,
    t.prompt_id AS prompt_id,
    t.prompt_source AS prompt_source,
    t.prompt_length AS prompt_length,
    t.absorbed_prompts AS absorbed_prompts,
    t.agent AS agent,
    t.user AS user,
    t.host AS host,
    t.project AS project,
    t.branch AS branch,
    t.revision AS revision,
    t.model AS model,
    t.started AS started,
    t.ended AS ended,
    greatest(0, toUnixTimestamp64Nano(t.ended) - toUnixTimestamp64Nano(t.started)) / 1e9 AS duration_s,
    toBool(t.is_open) AS is_open,
    t.outcome AS outcome,
    t.error_type AS error_type,
    t.closed_by AS closed_by,
    t.evidence AS evidence,
    t.evidence_source AS evidence_source,
    if(t.is_script = 1, false, NULL) AS interactive,
    arrayFilter(
        word -> word != '',
        [if(t.from_hook = 1, 'hook', ''), if(t.from_native = 1, 'native', ''), if(t.from_transcript = 1, 'transcript', '')]) AS sources
FROM turns_between(since = {since:Date}, until = {until:Date}) AS t
WHERE t.session_id = {session_id:String}
ORDER BY t.started
