-- The hours or minutes of the last day's metrics, a number of days earlier: those of sessions under the sessions of that day, everything else as it was.
INSERT INTO %table%
WITH
    (SELECT groupArray(session_id) FROM (
        SELECT session_id FROM worked_sessions FINAL WHERE user = 'user0' AND first_day = {last:Date} ORDER BY started_ns)) AS known,
    m.Attributes['session.id'] AS of_session
SELECT m.* REPLACE (
    m.Bucket - toIntervalDay(dateDiff('day', d.day, {last:Date})) AS Bucket,
    if(of_session = '', m.Attributes, mapUpdate(m.Attributes, map('session.id', d.sessions[indexOf(known, of_session)]))) AS Attributes,
    if(of_session = '', m.Series, cityHash64(m.Series, d.day)) AS Series)
FROM %table% AS m FINAL
CROSS JOIN (
    SELECT first_day AS day, arrayMap(each -> each.2, arraySort(groupArray((started_ns, session_id)))) AS sessions
    FROM worked_sessions FINAL
    WHERE user = 'user0' AND dateDiff('day', first_day, {last:Date}) BETWEEN {first:UInt32} AND {first:UInt32} + {days:UInt32} - 1
    GROUP BY first_day) AS d
WHERE toDate(m.Bucket) = {last:Date}
