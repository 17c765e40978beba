-- The settings of the database, and those that roles have in it: dumpDatabaseConfig() in pg_dump.c.
SELECT r.rolname, setting.value
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS setting(value, place)
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND (s.setrole OPERATOR(pg_catalog.=) 0 OR r.oid IS NOT NULL)
ORDER BY s.setrole OPERATOR(pg_catalog.<>) 0, r.rolname, setting.place;
