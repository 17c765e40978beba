-- The constraints of the domains in the schemas $1: getDomainConstraints() in pg_dump.c.
SELECT c.tableoid, c.oid, c.contypid, c.conname, pg_catalog.pg_get_constraintdef(c.oid), c.convalidated, c.contype
FROM pg_catalog.pg_constraint AS c
JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) c.contypid
WHERE t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
  AND c.contype OPERATOR(pg_catalog.=) 'c'                                        -- before 17
  AND c.contype OPERATOR(pg_catalog.=) ANY (ARRAY['c', 'n']::pg_catalog."char"[]) -- since 17
ORDER BY c.contypid, c.conname;
