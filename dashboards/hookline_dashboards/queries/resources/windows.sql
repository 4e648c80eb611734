-- How much of each limit's window was used, how much of its time is over, and where does that lead by its end?
SELECT
    account,
    if(kind = 'five_hour', 'five hours', 'seven days') AS window,
    started AS began,
    resets_at AS resets,
    toFloat64(used_percent) AS used,
    100 * least(1, dateDiff('second', started, toDateTime(observed)) / dateDiff('second', started, resets_at)) AS passed,
    if(passed > 5, least(999, 100 * used / passed), NULL) AS projected
FROM usage_limits
WHERE resets_at >= $__fromTime AND started <= $__toTime
ORDER BY resets DESC, window
LIMIT 50
