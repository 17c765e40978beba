-- Which of the tables in $1 (oid[]) have got new files since this transaction's snapshot: truncated, or rewritten
-- by ALTER TABLE. Neither is MVCC-safe (documentation, "Caveats" of Concurrency Control): under the older snapshot
-- such a table looks empty. Or which have been renamed: then the name now means another table, or none.
-- The row of pg_class is the snapshot's (with zero for catalogs that are mapped), the functions tell of the present.
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::pg_catalog.oid[])
  AND (c.relfilenode NOT IN (0, pg_catalog.pg_relation_filenode(c.oid))
       OR pg_catalog.to_regclass(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname))
          IS DISTINCT FROM c.oid::pg_catalog.regclass)
ORDER BY n.nspname, c.relname;
