-- Every access method: getAccessMethods() in pg_dump.c.
SELECT a.tableoid, a.oid, a.amname, a.amtype, a.amhandler::pg_catalog.regproc
FROM pg_catalog.pg_am AS a
ORDER BY a.oid;
