-- NOT NULL constraints that CREATE TABLE states by themselves, since their column comes from a parent alone:
-- in the order of the columns, as dumpTableSchema() in pg_dump.c writes them. Since 18.
SELECT c.oid,
       k.conname,
       a.attname,
       pg_catalog.format('%s_%s_not_null', c.relname, a.attname) OPERATOR(pg_catalog.=) k.conname::pg_catalog.text,
       k.connoinherit,
       pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_constraint AS k
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) k.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  JOIN pg_catalog.pg_attribute AS a
    ON a.attrelid OPERATOR(pg_catalog.=) k.conrelid AND a.attnum OPERATOR(pg_catalog.=) k.conkey[1]
 WHERE k.contype OPERATOR(pg_catalog.=) 'n'::pg_catalog."char"
   AND k.conislocal
   AND k.convalidated
   AND NOT a.attislocal
   AND NOT c.relispartition
 ORDER BY c.oid USING OPERATOR(pg_catalog.<), a.attnum USING OPERATOR(pg_catalog.<);
