-- Foreign-data wrappers: getForeignDataWrappers() in pg_dump.c.
SELECT w.tableoid, w.oid, w.fdwname, w.fdwowner, w.fdwacl, pg_catalog.acldefault('F', w.fdwowner),
       w.fdwhandler::pg_catalog.regproc, w.fdwvalidator::pg_catalog.regproc,
       w.fdwconnection::pg_catalog.regproc, -- since 19
       '-',                                 -- before 19
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(w.fdwoptions) AS o ORDER BY o.option_name), E',\n    ')
FROM pg_catalog.pg_foreign_data_wrapper AS w
ORDER BY w.oid;
