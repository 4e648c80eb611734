-- What the server counts.
SELECT event, value FROM system.events WHERE event IN ('Query', 'FailedQuery')
