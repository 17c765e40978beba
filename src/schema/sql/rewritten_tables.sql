-- Which of the tables in $1 (oid[]) have got new files since this transaction's snapshot: truncated, or rewritten
-- by ALTER TABLE. Neither is MVCC-safe (documentation, "Caveats" of Concurrency Control): under the older snapshot
-- such a table looks empty. Or which have been renamed: then the name now means another table, or none.
-- The row of pg_class is the snapshot's (with zero for catalogs that are mapped), the functions tell of the present.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
  AND (c.relfilenode OPERATOR(pg_catalog.<>) 0
       AND c.relfilenode OPERATOR(pg_catalog.<>) pg_catalog.pg_relation_filenode(c.oid)
       OR coalesce(pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.nspname, c.relname))::pg_catalog.oid
                   OPERATOR(pg_catalog.<>) c.oid, true))
ORDER BY n.nspname, c.relname;
