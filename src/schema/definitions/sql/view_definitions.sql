-- The queries of the views and materialized views among $1: createViewAsClause() in pg_dump.c.
SELECT c.oid, pg_catalog.pg_get_viewdef(c.oid)
FROM pg_catalog.pg_class AS c
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'm']::pg_catalog."char"[]) AND c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
