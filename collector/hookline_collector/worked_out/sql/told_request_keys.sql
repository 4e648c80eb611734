-- Which API requests do these sessions name?
SELECT DISTINCT request_key
FROM usage_state
WHERE session_id IN {sessions:Array(String)} AND day BETWEEN toDate({since:UInt16}) AND toDate({until:UInt16})
