-- Whose statements the helper explains in this database. It is trusted where nobody but an administrator can have put it there: see plan_setup.
SELECT p.proowner
FROM pg_namespace n
JOIN pg_roles s ON s.oid = n.nspowner AND (s.rolsuper OR s.rolcreaterole)
JOIN pg_proc w ON w.pronamespace = n.oid AND w.proname = 'plan' AND w.prosecdef AND has_function_privilege(w.oid, 'EXECUTE')
JOIN pg_roles o ON o.oid = w.proowner AND o.rolname = 'hookline_plans' AND NOT o.rolsuper AND NOT o.rolcanlogin
JOIN pg_proc p ON p.pronamespace = n.oid AND p.proname = 'plan_as_' || p.proowner AND p.prosecdef
JOIN pg_roles r ON r.oid = p.proowner AND NOT r.rolsuper
WHERE n.nspname = 'hookline'
  AND NOT EXISTS (SELECT FROM aclexplode(n.nspacl) a WHERE a.privilege_type = 'CREATE' AND a.grantee != n.nspowner)
