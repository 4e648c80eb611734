-- Temporary files that exist now.
SELECT coalesce(sum(size), 0)::float8 FROM pg_ls_tmpdir()
