-- How many spells are on each day in and around a period, and how many blocks begin on it for sure: with a spell that begins more than the gap that
-- counts after the half hour did. And how many prompts do spells name? What was replaced counts until it is merged.
SELECT toUInt16(day) AS of_day, count(), countIf(from_ns % 1800000000000 > {idle_s:UInt32} * 1000000000), sum(length(prompts))
FROM worked_spells
WHERE day BETWEEN {since:Date} - 1 AND {until:Date} + 1 AND of_project = {of_project:UInt8} AND ({user:String} = '' OR user = {user:String})
  AND ({project:String} = '' OR project = {project:String}) AND if({agent:String} = '', of_agent = 0, mixed = 0 AND agent = {agent:String})
GROUP BY of_day
ORDER BY of_day
