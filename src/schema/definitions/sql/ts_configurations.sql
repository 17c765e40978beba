-- Text search configurations: getTSConfigurations() and dumpTSConfig() in pg_dump.c.
SELECT c.tableoid, c.oid, c.cfgname, c.cfgnamespace, c.cfgowner, n.nspname, p.prsname
FROM pg_catalog.pg_ts_config AS c
JOIN pg_catalog.pg_ts_parser AS p ON p.oid OPERATOR(pg_catalog.=) c.cfgparser
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.prsnamespace
ORDER BY c.oid;
