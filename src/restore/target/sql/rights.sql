-- What a user that is no superuser may do on this server, one right a row: what, and on what.
-- Since 16 a member may be barred from becoming the role (SET); before, every member may.
WITH server AS (
    SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
), me AS (
    SELECT * FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user
)
SELECT 'act as', r.rolname
  FROM pg_catalog.pg_roles AS r, server
 WHERE pg_catalog.pg_has_role(r.oid, 'USAGE')
   AND pg_catalog.pg_has_role(r.oid,
           CASE WHEN version OPERATOR(pg_catalog.>=) 160000 THEN 'SET' ELSE 'MEMBER' END)
UNION ALL
SELECT 'administer', r.rolname
  FROM pg_catalog.pg_roles AS r, server, me
 WHERE NOT r.rolsuper
   AND (pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')
        OR (version OPERATOR(pg_catalog.<) 160000 AND me.rolcreaterole))
UNION ALL
SELECT 'attribute', a.name
  FROM server, me,
       LATERAL (VALUES ('REPLICATION', version OPERATOR(pg_catalog.>=) 160000
                                           AND me.rolcreaterole AND me.rolreplication),
                       ('BYPASSRLS', version OPERATOR(pg_catalog.>=) 160000
                                         AND me.rolcreaterole AND me.rolbypassrls),
                       ('CREATEDB', version OPERATOR(pg_catalog.<) 160000 OR me.rolcreatedb),
                       ('CREATEROLE', me.rolcreaterole)) AS a(name, given)
 WHERE a.given
UNION ALL
SELECT 'use tablespace', t.spcname
  FROM pg_catalog.pg_tablespace AS t
 WHERE pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')
UNION ALL
SELECT 'use language', l.lanname
  FROM pg_catalog.pg_language AS l
 WHERE l.lanpltrusted
UNION ALL
SELECT 'create extension', e.name
  FROM pg_catalog.pg_available_extensions AS e
  JOIN pg_catalog.pg_available_extension_versions AS v
    ON v.name OPERATOR(pg_catalog.=) e.name AND v.version OPERATOR(pg_catalog.=) e.default_version
 WHERE v.trusted OR NOT v.superuser
UNION ALL
SELECT 'set', pg_catalog.lower(s.name) FROM pg_catalog.pg_settings AS s WHERE s.context OPERATOR(pg_catalog.=) 'user'
UNION ALL
SELECT 'know', pg_catalog.lower(s.name) FROM pg_catalog.pg_settings AS s
UNION ALL
-- Administrators of managed services, to whom the service gives more than the catalogs say.
SELECT 'managed', r.rolname
  FROM pg_catalog.pg_roles AS r
 WHERE r.rolname OPERATOR(pg_catalog.=) ANY (
           ARRAY['rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser', 'azure_pg_admin'])
   AND pg_catalog.pg_has_role(r.oid, 'MEMBER');
