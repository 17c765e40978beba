-- Text search parsers: getTSParsers() and dumpTSParser() in pg_dump.c.
SELECT p.tableoid, p.oid, p.prsname, p.prsnamespace, p.prsstart::pg_catalog.regproc,
       p.prstoken::pg_catalog.regproc, p.prsend::pg_catalog.regproc, p.prsheadline::pg_catalog.regproc,
       p.prslextype::pg_catalog.regproc
FROM pg_catalog.pg_ts_parser AS p
ORDER BY p.oid;
