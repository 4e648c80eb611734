-- Of which sessions is what was worked out not made of all that is stored, or by other rules or prices? The newest first.
SELECT session_id
FROM (
    SELECT session_id, sum(mark) AS made_now, min(day) AS first_day
    FROM (
        SELECT session_id, mark, toDate(65535) AS day FROM sessions_state
        UNION ALL SELECT session_id, mark, day FROM tool_calls_state
        UNION ALL SELECT session_id, mark, day FROM activity_state
        UNION ALL SELECT session_id, mark, day FROM usage_state
        UNION ALL SELECT session_id, mark, day FROM suspends_state
        UNION ALL SELECT session_id, mark, day FROM places_state
    )
    GROUP BY session_id
) AS f
FULL OUTER JOIN (SELECT session_id, made_of, rules, priced_by FROM worked_sessions FINAL) AS w USING (session_id)
WHERE f.made_now != w.made_of OR w.rules != {rules:UInt32} OR (w.priced_by != 0 AND w.priced_by != {priced_by:Int64})
ORDER BY f.first_day DESC, session_id
