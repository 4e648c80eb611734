-- At which commits did a session's turns begin, the earliest first?
SELECT revision
FROM turns_between(since = {since:Date}, until = {until:Date})
WHERE session_id = {session_id:String} AND revision != ''
GROUP BY revision
ORDER BY min(started)
