-- The check constraints of the relations $1, and from 18 on the not-null constraints that are not valid:
-- getTableAttrs() in pg_dump.c.
SELECT c.tableoid, c.oid, c.conrelid, c.conname, pg_catalog.pg_get_constraintdef(c.oid), c.conislocal,
       c.convalidated, c.contype
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_constraint AS c ON c.conrelid OPERATOR(pg_catalog.=) wanted.oid
WHERE c.contype OPERATOR(pg_catalog.=) 'c'                                          -- before 18
WHERE (c.contype OPERATOR(pg_catalog.=) 'c' OR c.contype OPERATOR(pg_catalog.=) 'n' AND NOT c.convalidated) -- since 18
ORDER BY c.conrelid, c.conname;
