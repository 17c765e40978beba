-- Settings of roles in all databases: name=value.
SELECT r.rolname, pg_catalog.quote_ident(r.rolname) AS quoted, setting.value
FROM pg_catalog.pg_db_role_setting AS s
JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) s.setrole
CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS setting(value, position)
WHERE s.setdatabase OPERATOR(pg_catalog.=) 0 AND r.rolname OPERATOR(pg_catalog.!~) '^pg_'
ORDER BY r.rolname, setting.position;
