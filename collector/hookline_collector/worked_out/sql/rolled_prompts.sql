-- As read_prompts.sql, of whole days as they were added up, and of the rows of all others.
SELECT
    key,
    toUInt8(grouping(key)) AS is_total,
    sum(p.prompts) AS prompts,
    sum(p.failed_prompts) AS failed_prompts,
    sum(p.interrupted_prompts) AS interrupted_prompts,
    sum(p.derived_prompts) AS derived_prompts,
    sum(p.inferred_prompts) AS inferred_prompts,
    sum(p.open_prompts) AS open_prompts,
    uniqExactArray(p.sessions) AS sessions
FROM (
PARTS
) AS p
GROUP BY GROUPING SETS ((key), ())
ORDER BY key
SETTINGS do_not_merge_across_partitions_select_final = 1
