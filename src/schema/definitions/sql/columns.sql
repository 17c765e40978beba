-- The columns of the relations $1, with the constraint that forbids null: getTableAttrs() in pg_dump.c.
SELECT a.attrelid, a.attnum, a.attname, a.attstattarget, a.attstorage, t.typstorage, a.attisdropped, a.attislocal,
       pg_catalog.format_type(t.oid, a.atttypmod), pg_catalog.array_to_string(a.attoptions, ', '),
       CASE WHEN a.attcollation OPERATOR(pg_catalog.<>) t.typcollation THEN a.attcollation ELSE 0 END,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(a.attfdwoptions) AS o ORDER BY o.option_name), E',\n    '),
       a.attidentity, a.attgenerated,
       a.attcompression, -- since 14
       '',               -- before 14
       a.attnotnull,
       k.oid, k.conname, k.convalidated, k.connoinherit, k.conislocal, remark.description -- since 18
       NULL, NULL, NULL, NULL, NULL, NULL                                                  -- before 18
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) wanted.oid
LEFT JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
LEFT JOIN pg_catalog.pg_constraint AS k                                                    -- since 18
       ON k.conrelid OPERATOR(pg_catalog.=) a.attrelid AND k.contype OPERATOR(pg_catalog.=) 'n' AND k.conkey OPERATOR(pg_catalog.=) ARRAY[a.attnum]       -- since 18
LEFT JOIN pg_catalog.pg_description AS remark                                              -- since 18
       ON remark.classoid OPERATOR(pg_catalog.=) k.tableoid AND remark.objoid OPERATOR(pg_catalog.=) k.oid                           -- since 18
WHERE a.attnum OPERATOR(pg_catalog.>) 0
ORDER BY a.attrelid, a.attnum;
