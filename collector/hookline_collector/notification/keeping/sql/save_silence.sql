-- Keep a silence as it is now.
INSERT INTO silences (id, matchers, starts_ns, ends_ns, created_by, comment, created_ns)
VALUES (:id, :matchers, :starts_ns, :ends_ns, :created_by, :comment, :created_ns)
ON CONFLICT (id) DO UPDATE SET matchers = excluded.matchers, starts_ns = excluded.starts_ns, ends_ns = excluded.ends_ns, comment = excluded.comment
