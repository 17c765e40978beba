-- Extensions of the current database.
SELECT e.oid, e.extname, e.extversion, n.nspname
FROM pg_catalog.pg_extension AS e
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) e.extnamespace
ORDER BY e.extname;
