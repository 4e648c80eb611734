-- Errors since the server began.
SELECT name, sum(value) FROM system.errors GROUP BY name
