-- Days that are over have their calls by the hour as well (worked_days, grain 8: tool_calls, failures, denials, run_s, wait_s, and in run_values how long each
-- ran), so that panels of a team's month read some hundred thousand rows and not nine million. So all are added up again, in the background; until a
-- day is, its rows are read.
TRUNCATE TABLE IF EXISTS ${database}.worked_days_known ${on_cluster};
