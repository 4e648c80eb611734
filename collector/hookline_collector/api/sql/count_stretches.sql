-- Has a period more than {limit} stretches? What was replaced counts until it is merged; none is counted beyond what answers that.
SELECT count()
FROM (
    SELECT 1
    FROM worked_parts
    WHERE day BETWEEN {since:Date} AND {until:Date} AND kind < 4 AND to_ns > {start:Int64} AND from_ns < {end:Int64}
      AND ({user:String} = '' OR user = {user:String}) AND ({project:String} = '' OR project = {project:String})
      AND ({session_id:String} = '' OR session_id = {session_id:String}) AND ({agent:String} = '' OR agent = {agent:String})
    LIMIT {limit:UInt32} + 1
)
