-- The attributes of the composite types in the schemas $1: dumpCompositeType() in pg_dump.c. OFFSET 0 keeps the planner
-- from reading all of pg_attribute where nobody has analyzed the catalogs.
SELECT t.oid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attisdropped,
       CASE WHEN a.attcollation OPERATOR(pg_catalog.<>) of.typcollation THEN a.attcollation ELSE 0 END
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) c.reltype
CROSS JOIN LATERAL (
    SELECT own.attnum, own.attname, own.atttypid, own.atttypmod, own.attisdropped, own.attcollation
    FROM pg_catalog.pg_attribute AS own
    WHERE own.attrelid OPERATOR(pg_catalog.=) c.oid AND own.attnum OPERATOR(pg_catalog.>) 0
    OFFSET 0
) AS a
LEFT JOIN pg_catalog.pg_type AS of ON of.oid OPERATOR(pg_catalog.=) a.atttypid
WHERE c.relkind OPERATOR(pg_catalog.=) 'c' AND t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
ORDER BY t.oid, a.attnum;
