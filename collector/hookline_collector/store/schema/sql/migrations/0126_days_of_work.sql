-- Days that are over say how long people and agents worked on them (worked_days): how long blocks are, cut at midnight, by who (grain 11), by project (12) and
-- by half hours (13), and the clocks by who (14), by project (15), by half hours (16), by agent (17) and by branch (18). A team's year then reads some ten
-- thousand rows in place of millions. So all days are added up again, in the background; until a day is, its rows are read.
ALTER TABLE ${database}.worked_days ${on_cluster}
    ADD COLUMN IF NOT EXISTS block_ns Int64,
    ADD COLUMN IF NOT EXISTS human_ns Int64,
    ADD COLUMN IF NOT EXISTS human_at_most_ns Int64,
    ADD COLUMN IF NOT EXISTS agent_ns Int64,
    ADD COLUMN IF NOT EXISTS agent_once_ns Int64,
    ADD COLUMN IF NOT EXISTS wall_ns Int64,
    ADD COLUMN IF NOT EXISTS permission_wait_ns Int64,
    ADD COLUMN IF NOT EXISTS answer_wait_ns Int64,
    ADD COLUMN IF NOT EXISTS prompt_wait_ns Int64;

-- (as above)
TRUNCATE TABLE IF EXISTS ${database}.worked_days_known ${on_cluster};
