-- Before 14 the server says neither when statistics were reset nor how many rows were thrown out.
SELECT 0::float8, 0::bigint
