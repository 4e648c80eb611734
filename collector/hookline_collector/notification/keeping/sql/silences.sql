-- Every silence, the one that ends last first.
SELECT id, matchers, starts_ns, ends_ns, created_by, comment, created_ns FROM silences ORDER BY ends_ns DESC, id
