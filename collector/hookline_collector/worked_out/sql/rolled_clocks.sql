-- As read_clocks.sql, of whole days as they were added up.
SELECT
    grain,
    KEY AS key,
    sum(human_ns),
    sum(human_at_most_ns),
    sum(agent_ns),
    sum(agent_once_ns),
    sum(wall_ns),
    sum(permission_wait_ns),
    sum(answer_wait_ns),
    sum(prompt_wait_ns)
FROM worked_days
WHERE grain IN {grains:Array(UInt8)} AND IS_ADDED_UP
GROUP BY grain, key
