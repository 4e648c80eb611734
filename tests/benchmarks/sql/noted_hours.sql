-- Which hours of a table were worked out, from how many rows.
INSERT INTO db_rollup_hours (what, hour, points)
SELECT {what:String}, toDateTime(toStartOfHour(Timestamp, 'UTC'), 'UTC') AS of_hour, count()
FROM {source:Identifier}
GROUP BY of_hour
