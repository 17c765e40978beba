-- Role passwords as they are stored. Few but superusers may read pg_authid.
SELECT r.rolname, pg_catalog.quote_ident(r.rolname) AS quoted, r.rolpassword
FROM pg_catalog.pg_authid AS r
WHERE r.rolname OPERATOR(pg_catalog.!~) '^pg_' AND r.rolpassword IS NOT NULL
ORDER BY r.rolname;
