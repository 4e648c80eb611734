-- Errors since the server began, and when each came last.
SELECT name, sum(value), toUnixTimestamp(max(last_error_time)) FROM system.errors GROUP BY name
