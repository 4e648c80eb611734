-- Which session continues which?
SELECT session_id, previous_id FROM worked_sessions FINAL WHERE previous_id != '' LIMIT 100000
