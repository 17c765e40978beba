-- The name of a relation of this database, as SQL.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class AS c, pg_catalog.pg_namespace AS n
 WHERE c.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
   AND n.oid OPERATOR(pg_catalog.=) c.relnamespace;
