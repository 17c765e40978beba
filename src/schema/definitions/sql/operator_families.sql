-- Every operator family: getOpfamilies() in pg_dump.c.
SELECT f.tableoid, f.oid, f.opfname, f.opfnamespace, f.opfowner, f.opfmethod, a.amname
FROM pg_catalog.pg_opfamily AS f
JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) f.opfmethod
ORDER BY f.oid;
