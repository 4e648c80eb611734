INSERT INTO metric_rollup_hours (hour, points) SELECT toDateTime({hour:UInt32}, 'UTC'), {points:UInt64}
