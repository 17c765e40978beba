-- Which of the tables in $1 (oid[]) refers to which other of them: the order that a data-only archive
-- should be loaded in (getTableDataFKConstraints() in pg_dump.c).
SELECT DISTINCT k.conrelid, k.confrelid
FROM pg_catalog.pg_constraint AS k
WHERE k.contype OPERATOR(pg_catalog.=) 'f' AND k.conrelid OPERATOR(pg_catalog.<>) k.confrelid
  AND k.conrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
  AND k.confrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
