-- The tables of publications: getPublicationTables() in pg_dump.c.
SELECT p.tableoid, p.oid, p.prpubid, p.prrelid,
       p.prqual IS NOT NULL,                        -- since 15
       false,                                       -- before 15
       pg_catalog.pg_get_expr(p.prqual, p.prrelid), -- since 15
       (SELECT pg_catalog.array_agg(a.attname ORDER BY item.place)                         -- since 15
        FROM pg_catalog.unnest(p.prattrs::pg_catalog.int2[]) WITH ORDINALITY AS item(attnum, place) -- since 15
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) p.prrelid AND a.attnum OPERATOR(pg_catalog.=) item.attnum), -- since 15
       NULL, NULL, -- before 15
       p.prexcept -- since 19
       false      -- before 19
FROM pg_catalog.pg_publication_rel AS p
ORDER BY p.oid;
