-- What came of a session, as the agent itself counts: lines added and removed, commits.
SELECT if(metric = 'claude_code.commit.count', 'commits', concat('lines_', kind)) AS what, sum(of_series) AS amount
FROM (
    SELECT
        toString(m.MetricName) AS metric,
        m.Attributes['type'] AS kind,
        if(any(m.AggregationTemporality) = 1, sum(m.Value), max(m.Value)) AS of_series
    FROM otel_metrics_sum AS m
    WHERE m.MetricName IN ('claude_code.lines_of_code.count', 'gemini_cli.lines.changed', 'claude_code.commit.count')
      AND m.TimeUnix BETWEEN fromUnixTimestamp64Nano({start:Int64}) AND fromUnixTimestamp64Nano({end:Int64}) + toIntervalMinute(10)
      AND has(mapValues(m.Attributes), {session_id:String}) AND m.Attributes['session.id'] = {session_id:String}
    GROUP BY metric, kind, cityHash64(m.Attributes), if(m.AggregationTemporality = 2, toUnixTimestamp64Nano(m.StartTimeUnix), toInt64(0))
)
GROUP BY what
