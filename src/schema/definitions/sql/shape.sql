-- Every column of every catalog, with its type. OFFSET 0 keeps the planner from reading all of pg_attribute.
SELECT pg_catalog.concat(c.relname, '.', a.attname, ' ', pg_catalog.format_type(a.atttypid, NULL))
FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL (
    SELECT own.attname, own.atttypid
    FROM pg_catalog.pg_attribute AS own
    WHERE own.attrelid OPERATOR(pg_catalog.=) c.oid AND own.attnum OPERATOR(pg_catalog.>) 0 AND NOT own.attisdropped
    OFFSET 0
) AS a
WHERE c.relnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace AND c.relkind OPERATOR(pg_catalog.=) 'r'
  AND c.oid OPERATOR(pg_catalog.<) 16384;
