-- Roles without their passwords, PostgreSQL's own (pg_*) left out.
SELECT r.rolname,
       pg_catalog.quote_ident(r.rolname) AS quoted,
       r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
       r.rolconnlimit,
       r.rolvaliduntil,
       pg_catalog.shobj_description(r.oid, 'pg_authid') AS comment
FROM pg_catalog.pg_roles AS r
WHERE r.rolname OPERATOR(pg_catalog.!~) '^pg_'
ORDER BY r.rolname;
