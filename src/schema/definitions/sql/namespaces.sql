-- Every schema: getNamespaces() in pg_dump.c.
SELECT n.tableoid, n.oid, n.nspname, n.nspowner, n.nspacl, pg_catalog.acldefault('n', n.nspowner)
FROM pg_catalog.pg_namespace AS n
ORDER BY n.oid;
