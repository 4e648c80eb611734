-- How long does an agent wait for its hooks: for Hookline's own, and for all that are installed, where the agent tells?
SELECT
    t,
    sum(if(is_own, total, 0)) / nullIf(sum(if(is_own, times, 0)), 0) AS `Hookline's own`,
    sum(if(is_own, 0, total)) / nullIf(sum(if(is_own, 0, times)), 0) AS `all hooks of an event`
FROM (
    SELECT $__timeInterval(time) AS t, 1 AS is_own, sum(increase) AS total, sum(observations) AS times
    FROM histogram_values(metrics = ['hookline.hook.duration'], since = $__fromTime, until = $__toTime, step = $__interval_s)
    WHERE $__conditionalAll(resource['user.name'] IN (${person:singlequote}), $person)
      AND $__conditionalAll(attributes['hookline.project.name'] IN (${project:singlequote}), $project)
      AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
    GROUP BY t
    UNION ALL
    SELECT $__timeInterval(time) AS t, 0 AS is_own, sum(seconds) AS total, count() AS times
    FROM client_hooks_between(since = $__fromTime, until = $__toTime)
    WHERE $__conditionalAll(
          session_id IN (
              SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND user IN (${person:singlequote})), $person)
      AND $__conditionalAll(
          session_id IN (
              SELECT session_id FROM sessions WHERE last >= $__fromTime AND started <= $__toTime AND project IN (${project:singlequote})), $project)
      AND $__conditionalAll(service IN (${agent:singlequote}), $agent)
    GROUP BY t
)
GROUP BY t
ORDER BY t WITH FILL STEP $__interval_s
