-- The agents' among all that is stored, for feeding the derived tables again.
${agent_logs_columns}
FROM ${database}.otel_logs
${agent_logs_scope}
