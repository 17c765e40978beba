-- Settings of the current database, for all roles (role is null) or for one: name=value.
SELECT r.rolname, setting.value
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_database AS d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS setting(value, position)
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
ORDER BY r.rolname NULLS FIRST, setting.position;
