-- Names of what a database holds, as a table of contents names them: kind, schema, name. For those who
-- have no pg_dump that could write such a table.
SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'v' THEN 'VIEW'
            WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN 'MATERIALIZED VIEW'
            WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 'SEQUENCE'
            WHEN c.relkind OPERATOR(pg_catalog.=) 'f' THEN 'FOREIGN TABLE'
            WHEN c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[]) THEN 'INDEX'
            ELSE 'TABLE' END,
       n.nspname, c.relname
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p', 'v', 'm', 'S', 'f', 'i', 'I']::pg_catalog."char"[])
UNION ALL
SELECT 'SCHEMA', '', n.nspname FROM pg_catalog.pg_namespace AS n
UNION ALL
SELECT 'EXTENSION', '', e.extname FROM pg_catalog.pg_extension AS e;
