-- Did any agent's telemetry ever arrive?
SELECT 1
FROM otel_traces
WHERE ScopeName IN ('hookline.agent', 'hookline.history') AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-')
LIMIT 1
