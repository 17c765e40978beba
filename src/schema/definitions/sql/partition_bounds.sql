-- Which rows belong to the partitions among $1: dumpTableAttach() in pg_dump.c.
SELECT c.oid, pg_catalog.pg_get_expr(c.relpartbound, c.oid)
FROM pg_catalog.pg_class AS c
WHERE c.relispartition AND c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
