-- Which session continues which?
SELECT session_id, previous_id FROM sessions_known WHERE previous_id != '' LIMIT 100000
