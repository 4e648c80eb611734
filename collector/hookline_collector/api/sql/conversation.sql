-- Which session continues which?
SELECT session_id, previous_id FROM sessions WHERE previous_id != '' LIMIT 100000
