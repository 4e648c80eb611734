-- Did any agent's telemetry ever arrive? What was worked out stays when its spans are no longer kept: those of old history go soon after they came.
SELECT 1
FROM (
    SELECT 1
    FROM worked_sessions
    LIMIT 1
    UNION ALL
    SELECT 1
    FROM otel_traces
    WHERE ScopeName IN ('hookline.agent', 'hookline.history') AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-')
    LIMIT 1
)
LIMIT 1
