-- Before 16 nobody counts operations on files by who did them.
SELECT NULL::text WHERE false
