-- As limits.sql of the usage windows, of what was worked out.
SELECT
    if(r.account != '', r.account, l.account) AS payer,
    toUnixTimestamp(l.resets_at) AS resets_at_s,
    l.used_percent,
    arrayMap(point -> (toUnixTimestamp(point.1), point.2), l.course) AS course
FROM usage_limits AS l
LEFT JOIN (
    SELECT session_id, max(toString(u.account)) AS account
    FROM worked_requests AS u FINAL
    PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id IN (SELECT session_id FROM usage_limits_state)
    WHERE u.account != ''
    GROUP BY session_id
) AS r ON r.session_id = l.session_id
WHERE l.kind = {kind:String} AND l.resets_at >= {since:Date} AND l.resets_at < {until:Date} + if(l.kind = 'five_hour', 2, 9)
  AND ({account:String} = '' OR payer = {account:String})
ORDER BY payer, resets_at_s
SETTINGS do_not_merge_across_partitions_select_final = 1
