FROM worked_requests FINAL
WHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
  AND time_ns >= toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AND time_ns <= toInt64(toUnixTimestamp($__toTime)) * 1000000000
  AND $__conditionalAll(of_user IN (${person:singlequote}), $person)
  AND $__conditionalAll(of_project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
