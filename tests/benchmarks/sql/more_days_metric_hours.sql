-- Which hours of the other days are worked out: those of the last day, as many days earlier.
INSERT INTO metric_rollup_hours (hour, points)
SELECT hour - toIntervalDay(n), points
FROM metric_rollup_hours FINAL
ARRAY JOIN range(1, {days:UInt32} + 1) AS n
WHERE toDate(hour) = {last:Date}
