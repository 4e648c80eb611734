-- Extensions that are there, with the schemas in which they were put.
SELECT e.extname::text, quote_ident(n.nspname::text), e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
