-- The attributes of the composite types in the schemas $1: dumpCompositeType() in pg_dump.c.
SELECT t.oid, a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attisdropped,
       CASE WHEN a.attcollation OPERATOR(pg_catalog.<>) of.typcollation THEN a.attcollation ELSE 0 END
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.typrelid AND c.relkind OPERATOR(pg_catalog.=) 'c'
JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) t.typrelid
LEFT JOIN pg_catalog.pg_type AS of ON of.oid OPERATOR(pg_catalog.=) a.atttypid
WHERE t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) AND a.attnum OPERATOR(pg_catalog.>) 0
ORDER BY t.oid, a.attnum;
