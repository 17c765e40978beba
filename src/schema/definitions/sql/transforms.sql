-- Transforms: getTransforms() in pg_dump.c.
SELECT t.tableoid, t.oid, t.trftype, l.lanname, t.trffromsql::pg_catalog.oid, t.trftosql::pg_catalog.oid
FROM pg_catalog.pg_transform AS t
JOIN pg_catalog.pg_language AS l ON l.oid OPERATOR(pg_catalog.=) t.trflang
ORDER BY t.trftype, t.trflang;
