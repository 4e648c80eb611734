-- Settings that somebody set.
SELECT name, setting, coalesce(unit, ''), source, pending_restart FROM pg_settings
WHERE source NOT IN ('default', 'client', 'session', 'override', 'user', 'database user')
