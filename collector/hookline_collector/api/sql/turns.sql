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
    fromUnixTimestamp64Nano(t.started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(t.ended_ns, 'UTC') AS ended,
    greatest(0, t.ended_ns - t.started_ns) / 1e9 AS duration_s,
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
FROM worked_turns AS t FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
ORDER BY t.started_ns
