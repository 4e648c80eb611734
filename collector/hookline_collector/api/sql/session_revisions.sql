-- At which commits did a session's turns begin, the earliest first?
SELECT revision
FROM worked_turns FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
WHERE revision != ''
GROUP BY revision
ORDER BY min(started_ns)
