-- What makes the ranges of the schemas $1: dumpRangeType() in pg_dump.c.
SELECT r.rngtypid,
       pg_catalog.format_type(r.rngmultitypid, NULL), -- since 14
       NULL,                                          -- before 14
       pg_catalog.format_type(r.rngsubtype, NULL), class.opcname, n.nspname, class.opcdefault,
       CASE WHEN r.rngcollation OPERATOR(pg_catalog.=) sub.typcollation THEN 0 ELSE r.rngcollation END,
       r.rngcanonical::pg_catalog.regproc, r.rngsubdiff::pg_catalog.regproc
FROM pg_catalog.pg_range AS r
JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) r.rngtypid
JOIN pg_catalog.pg_type AS sub ON sub.oid OPERATOR(pg_catalog.=) r.rngsubtype
JOIN pg_catalog.pg_opclass AS class ON class.oid OPERATOR(pg_catalog.=) r.rngsubopc
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) class.opcnamespace
WHERE t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
