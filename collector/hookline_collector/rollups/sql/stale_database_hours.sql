-- Hours of a day that have more rows before a moment than they were worked out from, or are worked out to an earlier one: from which second of the hour
-- (0 where rows came late), and until which.
SELECT
    toUnixTimestamp(p.hour) AS hour,
    any(d.points) AS known,
    any(d.seconds) AS known_s,
    sum(p.points) AS points,
    if(sumIf(p.points, p.piece < p.hour + d.seconds) > known, 0, known_s) AS since_s,
    least(3600, {until:UInt32} - hour) AS until_s
FROM (
    SELECT
        toDateTime(toStartOfFiveMinutes({moment:Identifier}, 'UTC'), 'UTC') AS piece,
        toStartOfHour(piece, 'UTC') AS hour,
        count() AS points
    FROM {source:Identifier}
    WHERE toDate({moment:Identifier}, 'UTC') = {day:Date} AND {moment:Identifier} < toDateTime({until:UInt32}, 'UTC')
    GROUP BY piece, hour
) AS p
LEFT JOIN (SELECT hour, points, seconds FROM db_rollup_hours FINAL WHERE what = {what:String} AND toDate(hour) = {day:Date}) AS d ON d.hour = p.hour
GROUP BY p.hour
HAVING points > known OR known_s < until_s
ORDER BY hour
