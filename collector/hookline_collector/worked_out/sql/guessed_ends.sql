-- Which turns in and around these days have an end that nobody observed?
SELECT session_id, prompt_id, ended_ns, evidence
FROM worked_turns FINAL
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND evidence != 'observed'
SETTINGS do_not_merge_across_partitions_select_final = 1
