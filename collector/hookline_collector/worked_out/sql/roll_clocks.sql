-- How long people and agents worked on some days, and what waited for a person: by who, by project, branch or agent, or by half hours.
INSERT INTO worked_days (grain, version, day, COLUMNS, human_ns, human_at_most_ns, agent_ns, agent_once_ns, wall_ns, permission_wait_ns, answer_wait_ns, prompt_wait_ns)
SELECT
    GRAIN, {version:UInt64}, day, KEYS,
    sum(w.human_ns), sum(w.human_at_most_ns), sum(w.agent_ns), sum(w.agent_once_ns), sum(w.wall_ns),
    sum(w.permission_wait_ns), sum(w.answer_wait_ns), sum(w.prompt_wait_ns)
FROM worked_clocks AS w FINAL
WHERE WHICH AND day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
GROUP BY day, KEYS
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
