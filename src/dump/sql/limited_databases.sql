-- Databases that take only so many sessions of those who are no superusers, and how many there are in them.
SELECT d.datname,
       d.datconnlimit,
       (SELECT pg_catalog.count(*)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.datid OPERATOR(pg_catalog.=) d.oid
          AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()) AS used
FROM pg_catalog.pg_database AS d
WHERE d.datconnlimit OPERATOR(pg_catalog.>=) 0;
