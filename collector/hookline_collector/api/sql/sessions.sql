-- Which sessions were heard of lately, and what became of them?
SELECT *
FROM sessions
WHERE last >= subtractDays(now64(3), {days:UInt32})
  AND ({project:String} = '' OR project = {project:String})
  AND ({user:String} = '' OR user = {user:String})
  AND NOT startsWith(session_id, 'hookline-doctor-')
ORDER BY last DESC
LIMIT {limit:UInt32}
