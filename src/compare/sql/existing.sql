-- Names of what a database holds, as a table of contents names them: kind, schema, name. For those who
-- have no pg_dump that could write such a table.
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                      WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX'
                      ELSE 'TABLE' END,
       n.nspname, c.relname
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
UNION ALL
SELECT 'SCHEMA', '', n.nspname FROM pg_catalog.pg_namespace AS n
UNION ALL
SELECT 'EXTENSION', '', e.extname FROM pg_catalog.pg_extension AS e;
