-- Text search dictionaries: getTSDictionaries() and dumpTSDictionary() in pg_dump.c.
SELECT d.tableoid, d.oid, d.dictname, d.dictnamespace, d.dictowner, n.nspname, t.tmplname, d.dictinitoption
FROM pg_catalog.pg_ts_dict AS d
JOIN pg_catalog.pg_ts_template AS t ON t.oid OPERATOR(pg_catalog.=) d.dicttemplate
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.tmplnamespace
ORDER BY d.oid;
