-- The security labels of the database: buildShSecLabelQuery() in dumputils.c.
SELECT l.provider, l.label
FROM pg_catalog.pg_shseclabel AS l
JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) l.objoid
WHERE l.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
ORDER BY l.provider;
