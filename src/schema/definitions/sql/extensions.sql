-- Every extension, with its configuration tables: getExtensions() in pg_dump.c.
SELECT x.tableoid, x.oid, x.extname, n.nspname, x.extconfig
FROM pg_catalog.pg_extension AS x
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) x.extnamespace
ORDER BY x.oid;
