(SELECT (max(day), groupArrayIf(day, is_open = 1)) FROM worked_days_known FINAL) AS known
