-- What was said by hand of the time between {since} and {until}, the first said first?
SELECT correction_id, correction_kind, user, start_ns, end_ns, project, from_project, created_by, comment, created_ns, withdrawn_ns
FROM corrections_state FINAL
WHERE start_ns < {until:Int64} AND end_ns > {since:Int64} AND ({user:String} = '' OR user = {user:String})
  AND ({with_withdrawn:UInt8} = 1 OR withdrawn_ns = 0) AND ({id:String} = '' OR correction_id = {id:String})
ORDER BY created_ns, correction_id
LIMIT {limit:UInt32}
