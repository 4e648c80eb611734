-- Days that are over say more (worked_days): how often files of a kind were read or changed and in which sessions (grain 9), which sessions had an agent
-- at work in which hour (grain 10), and how long the longest call of those a row is of ran (longest_run_s of grain 1). Panels of a team's month then read
-- some hundred thousand rows in place of millions. So all days are added up again, in the background; until a day is, its rows are read.
ALTER TABLE ${database}.worked_days ${on_cluster}
    ADD COLUMN IF NOT EXISTS longest_run_s Float64,
    ADD COLUMN IF NOT EXISTS file_extension LowCardinality(String) AFTER tool_kind,
    MODIFY ORDER BY (grain, day, at_ns, agent, user, project, branch, model, tool, tool_kind, file_extension);

-- (as above)
TRUNCATE TABLE IF EXISTS ${database}.worked_days_known ${on_cluster};
