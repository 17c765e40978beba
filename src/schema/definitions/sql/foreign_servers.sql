-- Foreign servers: getForeignServers() and dumpForeignServer() in pg_dump.c.
SELECT s.tableoid, s.oid, s.srvname, s.srvowner, s.srvacl, pg_catalog.acldefault('S', s.srvowner), w.fdwname,
       s.srvtype, s.srvversion,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(s.srvoptions) AS o ORDER BY o.option_name), E',\n    ')
FROM pg_catalog.pg_foreign_server AS s
JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid OPERATOR(pg_catalog.=) s.srvfdw
ORDER BY s.oid;
