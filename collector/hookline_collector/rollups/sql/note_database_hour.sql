-- An hour was worked out.
INSERT INTO db_rollup_hours (what, hour, points) SELECT {what:String}, toDateTime({hour:UInt32}, 'UTC'), {points:UInt64}
