-- Relations that a table pattern names, as expand_table_name_patterns() in pg_dump.c finds them.
-- $1: regular expression for the schema, null for "visible in the search path" (RelationIsVisible() in namespace.c)
-- $2: regular expression for the name
-- $3: the schemas of the search path in their order, oid[]
SELECT c.oid
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'S', 'v', 'm', 'f', 'p']::pg_catalog."char"[])
  AND c.relname OPERATOR(pg_catalog.~) $2 COLLATE pg_catalog."default"
  AND CASE WHEN $1::pg_catalog.text IS NOT NULL
           THEN n.nspname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog."default"
           ELSE n.oid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])
                AND NOT EXISTS (
                    SELECT
                    FROM pg_catalog.pg_class AS hides
                    WHERE hides.relname OPERATOR(pg_catalog.=) c.relname
                      AND pg_catalog.array_position($3::pg_catalog.oid[], hides.relnamespace)
                          OPERATOR(pg_catalog.<) pg_catalog.array_position($3::pg_catalog.oid[], n.oid)) END;
