-- What did the processes of a session take? A level is told by its mean in each step of {seconds}, what is counted by how much came in it.
SELECT metric, any(metric_unit) AS unit, step_ns AS at_ns, sum(of_series) AS amount
FROM (
    SELECT
        toString(m.MetricName) AS metric,
        any(m.MetricUnit) AS metric_unit,
        cityHash64(m.Attributes) AS series,
        intDiv(toUnixTimestamp64Nano(m.TimeUnix), {seconds:UInt32} * 1000000000) * {seconds:UInt32} * 1000000000 AS step_ns,
        if(any(m.is_counted) = 1, sum(m.Value), avg(m.Value)) AS of_series
    FROM (
        SELECT MetricName, MetricUnit, Attributes, TimeUnix, Value, toUInt8(AggregationTemporality = 1) AS is_counted
        FROM otel_metrics_sum
        WHERE MetricName IN {metrics:Array(String)} AND TimeUnix BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64})
          AND has(mapValues(Attributes), {session_id:String}) AND Attributes['session.id'] = {session_id:String}
        UNION ALL
        SELECT MetricName, MetricUnit, Attributes, TimeUnix, Value, toUInt8(0)
        FROM otel_metrics_gauge
        WHERE MetricName IN {metrics:Array(String)} AND TimeUnix BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64})
          AND has(mapValues(Attributes), {session_id:String}) AND Attributes['session.id'] = {session_id:String}
    ) AS m
    GROUP BY metric, series, step_ns
)
GROUP BY metric, step_ns
ORDER BY metric, step_ns
LIMIT 20000
