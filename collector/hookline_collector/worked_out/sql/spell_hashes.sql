-- Which runs of a person's work were found before? A run lies within its half hour.
SELECT of_project, of_agent, user, toUInt16(day), project, agent, from_ns, hash
FROM worked_spells FINAL
WHERE of_project < 2 AND of_agent < 2 AND user = {user:String} AND day IN {days:Array(Date)} AND from_ns >= {since:Int64} AND from_ns < {until:Int64}
