-- How many sessions the server takes, how many of them are kept for superusers and for roles with
-- pg_use_reserved_connections (16 and newer), how many there are, and whether the user is a superuser. Of sessions whose
-- kind the user may not see, those in a database count.
SELECT pg_catalog.current_setting('max_connections')::pg_catalog.int8 AS sessions_max,
       pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int8
         OPERATOR(pg_catalog.+)
         coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::pg_catalog.int8 AS reserved,
       (SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.backend_type OPERATOR(pg_catalog.=) 'client backend'
           OR (a.backend_type IS NULL AND a.datid IS NOT NULL)) AS used,
       r.rolsuper
FROM pg_catalog.pg_roles AS r
WHERE r.rolname OPERATOR(pg_catalog.=) session_user;
