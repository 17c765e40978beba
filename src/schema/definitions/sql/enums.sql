-- The labels of the enumerations in the schemas $1: dumpEnumType() in pg_dump.c.
SELECT e.enumtypid, e.enumlabel
FROM pg_catalog.pg_enum AS e
JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) e.enumtypid
WHERE t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
ORDER BY e.enumtypid, e.enumsortorder;
