-- The foreign keys of the relations $1 that no parent's brought along: getConstraints() in pg_dump.c. OFFSET 0 keeps the
-- planner from joining all of them to all relations where it expects few, because nobody has analyzed pg_constraint lately.
SELECT c.tableoid, c.oid, c.conrelid, c.conname, c.confrelid, c.conindid, pg_catalog.pg_get_constraintdef(c.oid)
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
CROSS JOIN LATERAL (
    SELECT own.tableoid, own.oid, own.conrelid, own.conname, own.confrelid, own.conindid
    FROM pg_catalog.pg_constraint AS own
    WHERE own.conrelid OPERATOR(pg_catalog.=) wanted.oid AND own.contype OPERATOR(pg_catalog.=) 'f'
      AND own.conparentid OPERATOR(pg_catalog.=) 0
    OFFSET 0
) AS c
ORDER BY c.conrelid, c.conname;
