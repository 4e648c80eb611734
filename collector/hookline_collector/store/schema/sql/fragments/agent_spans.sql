-- The agents' among all that is stored, for feeding the derived tables again.
${agent_spans_columns}
FROM ${database}.otel_traces
${agent_spans_scope}
