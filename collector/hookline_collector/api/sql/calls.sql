-- Which tools did a session call?
SELECT
    c.session_id AS session_id,
    c.prompt_id AS prompt_id,
    c.call_id AS call_id,
    c.agent_id AS agent_id,
    c.tool AS tool,
    c.tool_kind AS tool_kind,
    c.mcp_server AS mcp_server,
    c.file_extension AS file_extension,
    c.agent AS agent,
    c.user AS user,
    c.host AS host,
    c.project AS project,
    c.branch AS branch,
    c.revision AS revision,
    fromUnixTimestamp64Nano(c.requested_ns, 'UTC') AS requested,
    fromUnixTimestamp64Nano(c.started_ns, 'UTC') AS started,
    fromUnixTimestamp64Nano(c.ended_ns, 'UTC') AS ended,
    c.run_s AS run_s,
    c.wait_s AS wait_s,
    c.native_run_s AS native_run_s,
    c.process_cpu_s AS process_cpu_s,
    toBool(c.process_cpu_shared) AS process_cpu_shared,
    toBool(c.background) AS in_background,
    c.outcome AS outcome,
    c.error_type AS error_type,
    c.closed_by AS closed_by,
    c.evidence AS evidence,
    c.evidence_source AS evidence_source,
    c.decision AS decision,
    c.decision_source AS decision_source,
    c.input_bytes AS input_bytes,
    c.output_bytes AS output_bytes,
    arrayFilter(
        word -> word != '',
        [if(c.from_hook = 1, 'hook', ''), if(c.from_native = 1, 'native', ''), if(c.from_transcript = 1, 'transcript', '')]) AS sources
FROM worked_calls AS c FINAL
PREWHERE day BETWEEN {since:Date} AND {until:Date} AND session_id = {session_id:String}
ORDER BY c.requested_ns
LIMIT {limit:UInt32}
