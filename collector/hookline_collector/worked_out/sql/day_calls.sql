-- How many calls do days have that were added up?
SELECT toUInt16(day) AS of_day, sum(tool_calls)
FROM worked_days FINAL
WHERE grain = 2 AND day BETWEEN {first:Date} AND {last:Date}
GROUP BY of_day
SETTINGS do_not_merge_across_partitions_select_final = 1
