-- Which sessions have a stretch that went on when they were worked out, and no longer does at {now}?
SELECT DISTINCT session_id
FROM worked_running FINAL
WHERE if(sure_end_ns > 0, sure_end_ns <= {now:Int64}, {now:Int64} - heard_ns > 3600000000000)
