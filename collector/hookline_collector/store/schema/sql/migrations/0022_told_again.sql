-- What is still stored of the agents' own words is told again, so that the days before this version get what its columns ask for: ends and denials by
-- their evidence, calls that no hook saw, places, starts. Every derived column keeps its earliest, its latest or its set, so nothing counts twice.
INSERT INTO ${database}.agent_spans
    (session_id, prompt_id, source, span_id, name, started, ended, days, agent, user, host, project, branch, revision, agent_id, model, outcome, closed_by,
     error_type, attributes, evidence, teller, is_script)
${agent_spans}
SETTINGS max_execution_time = 7200, max_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 32768, min_insert_block_size_bytes = 33554432;

-- The same of log records.
INSERT INTO ${database}.agent_logs
    (session_id, prompt_id, source, span_id, name, began, time, days, agent, user, host, project, branch, revision, agent_id, model, attributes, teller,
     is_script)
${agent_logs}
SETTINGS max_execution_time = 7200, max_threads = 1, max_block_size = 8192, min_insert_block_size_rows = 32768, min_insert_block_size_bytes = 33554432;
