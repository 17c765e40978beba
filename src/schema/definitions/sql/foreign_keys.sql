-- The foreign keys of the relations $1 that no parent's brought along: getConstraints() in pg_dump.c.
SELECT c.tableoid, c.oid, c.conrelid, c.conname, c.confrelid, c.conindid, pg_catalog.pg_get_constraintdef(c.oid)
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_constraint AS c ON c.conrelid OPERATOR(pg_catalog.=) wanted.oid
WHERE c.contype OPERATOR(pg_catalog.=) 'f' AND c.conparentid OPERATOR(pg_catalog.=) 0
ORDER BY c.conrelid, c.conname;
