-- The target server, and what the user of the restore may do there.
SELECT pg_catalog.current_setting('server_version_num'),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on',
       current_user,
       r.rolsuper,
       r.rolcreatedb,
       r.rolcreaterole,
       pg_catalog.current_setting('max_connections'),
       pg_catalog.current_setting('superuser_reserved_connections'),
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_stat_activity a
         WHERE a.backend_type OPERATOR(pg_catalog.=) 'client backend'),
       pg_catalog.pg_encoding_to_char(d.encoding)
  FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
 WHERE r.rolname OPERATOR(pg_catalog.=) current_user
   AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database();
