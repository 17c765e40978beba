-- The databases of the target server, how many sessions are in each, and whose it is.
SELECT d.datname,
       d.datallowconn,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_stat_activity a
         WHERE a.datid OPERATOR(pg_catalog.=) d.oid
           AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
           AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'),
       pg_catalog.pg_get_userbyid(d.datdba)
  FROM pg_catalog.pg_database d;
