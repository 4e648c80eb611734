-- Of which sessions is what was worked out not made of all that is stored, or by other rules or prices?
SELECT session_id
FROM (
    SELECT session_id, sum(mark) AS made_now
    FROM (
        SELECT session_id, mark FROM sessions_state
        UNION ALL SELECT session_id, mark FROM tool_calls_state
        UNION ALL SELECT session_id, mark FROM activity_state
        UNION ALL SELECT session_id, mark FROM usage_state
        UNION ALL SELECT session_id, mark FROM suspends_state
        UNION ALL SELECT session_id, mark FROM places_state
    )
    GROUP BY session_id
) AS f
FULL OUTER JOIN (SELECT session_id, made_of, rules, priced_by FROM worked_sessions FINAL) AS w USING (session_id)
WHERE f.made_now != w.made_of OR w.rules != {rules:UInt32} OR (w.priced_by != 0 AND w.priced_by != {priced_by:Int64})
