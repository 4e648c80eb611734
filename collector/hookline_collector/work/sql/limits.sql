-- Which five-hour windows did the client's status line tell of since {since}, and how full were they from minute to minute?
SELECT
    account,
    toUnixTimestamp(resets_at) AS resets_at_s,
    used_percent,
    arrayMap(point -> (toUnixTimestamp(point.1), point.2), course) AS course
FROM usage_limits
WHERE kind = 'five_hour' AND resets_at >= {since:Date} AND resets_at < {until:Date} + 2
  AND ({account:String} = '' OR account = {account:String})
ORDER BY account, resets_at
