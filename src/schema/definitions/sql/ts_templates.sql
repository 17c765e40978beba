-- Text search templates: getTSTemplates() and dumpTSTemplate() in pg_dump.c.
SELECT t.tableoid, t.oid, t.tmplname, t.tmplnamespace, t.tmplinit::pg_catalog.regproc,
       t.tmpllexize::pg_catalog.regproc
FROM pg_catalog.pg_ts_template AS t
ORDER BY t.oid;
