-- The server and options of the foreign tables among $1: dumpTableSchema() in pg_dump.c.
SELECT f.ftrelid, s.srvname,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(f.ftoptions) AS o ORDER BY o.option_name), E',\n    ')
FROM pg_catalog.pg_foreign_table AS f
JOIN pg_catalog.pg_foreign_server AS s ON s.oid OPERATOR(pg_catalog.=) f.ftserver
WHERE f.ftrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
