-- Which trees were seen at some looks?
SELECT toUnixTimestamp64Nano(time) AS at_ns, incident, any(tree) AS tree
FROM db_locks_state
WHERE database = {database:String} AND time IN (SELECT fromUnixTimestamp64Nano(arrayJoin({moments:Array(Int64)}), 'UTC'))
GROUP BY time, incident
