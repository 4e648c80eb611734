-- How far were the limits used up, as the status line told?
SELECT
    $__timeInterval(course.1) AS t,
    concat(if(kind = 'five_hour', 'five hours', 'seven days'), if(account = '', '', concat(' · ', account))) AS name,
    max(toFloat64(course.2)) AS used
FROM usage_limits
ARRAY JOIN course
WHERE resets_at >= $__fromTime AND started <= $__toTime AND course.1 >= $__fromTime AND course.1 <= $__toTime
GROUP BY t, name
ORDER BY t, name
