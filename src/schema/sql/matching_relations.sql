-- Relations that a table pattern names, as expand_table_name_patterns() in pg_dump.c finds them.
-- $1: regular expression for the schema, null for "visible in the search path"
-- $2: regular expression for the name
SELECT c.oid
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'S', 'v', 'm', 'f', 'p']::pg_catalog."char"[])
  AND c.relname OPERATOR(pg_catalog.~) $2 COLLATE pg_catalog."default"
  AND CASE WHEN $1::pg_catalog.text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
           ELSE n.nspname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog."default" END;
