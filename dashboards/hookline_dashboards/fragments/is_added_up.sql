is_by_hours AND day >= toDate($__fromTime + 86399) AND day < toDate($__toTime) AND day <= known.1 AND NOT has(known.2, day)
