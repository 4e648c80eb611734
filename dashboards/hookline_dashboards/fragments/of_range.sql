WHERE day BETWEEN toDate($__fromTime) AND toDate($__toTime)
  AND started_ns >= toInt64(toUnixTimestamp($__fromTime)) * 1000000000 AND started_ns <= toInt64(toUnixTimestamp($__toTime)) * 1000000000
  AND $__conditionalAll(user IN (${person:singlequote}), $person)
  AND $__conditionalAll(project IN (${project:singlequote}), $project)
  AND $__conditionalAll(agent IN (${agent:singlequote}), $agent)
