-- Parts that somebody, or an error, put aside.
SELECT count() FROM system.detached_parts
