-- The target server, and what the user of the restore may do there.
SELECT current_setting('server_version_num'),
       pg_catalog.pg_is_in_recovery(),
       current_setting('transaction_read_only') = 'on',
       current_user,
       r.rolsuper,
       r.rolcreatedb,
       r.rolcreaterole,
       current_setting('max_connections'),
       current_setting('superuser_reserved_connections'),
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_stat_activity a
         WHERE a.backend_type = 'client backend'),
       pg_catalog.pg_encoding_to_char(d.encoding)
  FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
 WHERE r.rolname = current_user
   AND d.datname = pg_catalog.current_database();
