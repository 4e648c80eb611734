-- Which windows of a {kind} did the client's status line tell of, and how full were they from minute to minute? The status line knows no account:
-- the requests of the session that it stood in may.
SELECT
    if(r.account != '', r.account, l.account) AS payer,
    toUnixTimestamp(l.resets_at) AS resets_at_s,
    l.used_percent,
    arrayMap(point -> (toUnixTimestamp(point.1), point.2), l.course) AS course
FROM usage_limits AS l
LEFT JOIN (
    SELECT session_id, max(u.account) AS account
    FROM told_usage_between(since = {since:Date}, until = {until:Date}) AS u
    WHERE u.account != ''
    GROUP BY session_id
) AS r ON r.session_id = l.session_id
WHERE l.kind = {kind:String} AND l.resets_at >= {since:Date} AND l.resets_at < {until:Date} + if(l.kind = 'five_hour', 2, 9)
  AND ({account:String} = '' OR payer = {account:String})
ORDER BY payer, resets_at_s
