-- What prompts of some days add up to: by who and where, or by half hours.
INSERT INTO worked_days (grain, version, day, agent, COLUMNS, prompts, failed_prompts, interrupted_prompts, derived_prompts, inferred_prompts, open_prompts, sessions)
SELECT GRAIN, {version:UInt64}, day, agent, KEYS,
    SUMS_OF_PROMPTS,
    groupUniqArray(sipHash64(session_id))
FROM worked_turns AS w FINAL
WHERE day BETWEEN {first:Date} AND {last:Date} AND (empty({days:Array(Date)}) OR has({days:Array(Date)}, day))
  AND intDiv(started_ns, 86400000000000) = toUInt16(day)
  AND (prompt_source != 'task_notification' OR absorbed_prompts > 0)
GROUP BY day, agent, KEYS
SETTINGS do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_partitions_per_insert_block = 0
