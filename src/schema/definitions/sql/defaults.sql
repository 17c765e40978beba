-- The defaults and generation expressions of the relations $1: getTableAttrs() in pg_dump.c.
SELECT d.tableoid, d.oid, d.adrelid, d.adnum, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid OPERATOR(pg_catalog.=) wanted.oid
ORDER BY d.adrelid, d.adnum;
