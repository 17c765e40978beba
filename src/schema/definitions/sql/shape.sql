-- Every column of every catalog, with its type.
SELECT pg_catalog.concat(c.relname, '.', a.attname, ' ', pg_catalog.format_type(a.atttypid, NULL))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
WHERE c.relnamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace AND c.relkind OPERATOR(pg_catalog.=) 'r' AND c.oid OPERATOR(pg_catalog.<) 16384
  AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped;
