-- Sequences of this database, those of which most is used first: of what they can give, or the column that they are for can hold. Takes a lock on each
-- whose value this role may see, so it runs apart and gives up after a tenth of a second.
SELECT schema_name, sequence_name, is_visible, (100 * (last - first) / nullif(most - first, 0))::float8 AS used_percent
FROM (
    SELECT n.nspname AS schema_name, c.relname AS sequence_name, q.seqmin::numeric AS first,
           least(q.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END)::numeric AS most,
           has_sequence_privilege(q.seqrelid, 'SELECT, USAGE') AS is_visible,
           CASE WHEN has_sequence_privilege(q.seqrelid, 'SELECT, USAGE') THEN coalesce(pg_sequence_last_value(q.seqrelid), q.seqmin) END::numeric AS last
    FROM pg_sequence q
    JOIN pg_class c ON c.oid = q.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
         AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE q.seqincrement > 0 AND NOT q.seqcycle AND c.relpersistence = 'p'
) AS s
ORDER BY used_percent DESC NULLS LAST, schema_name, sequence_name
LIMIT 1000
