-- What makes the domains of the schemas $1: dumpDomain() in pg_dump.c.
SELECT t.oid, t.typnotnull, pg_catalog.format_type(t.typbasetype, t.typtypmod),
       pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass), t.typdefault,
       CASE WHEN t.typcollation OPERATOR(pg_catalog.<>) base.typcollation THEN t.typcollation ELSE 0 END
FROM pg_catalog.pg_type AS t
LEFT JOIN pg_catalog.pg_type AS base ON base.oid OPERATOR(pg_catalog.=) t.typbasetype
WHERE t.typtype OPERATOR(pg_catalog.=) 'd' AND t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
