-- How the partitioned tables among $1 are partitioned: dumpTableSchema() in pg_dump.c.
SELECT p.partrelid, pg_catalog.pg_get_partkeydef(p.partrelid)
FROM pg_catalog.pg_partitioned_table AS p
WHERE p.partrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
