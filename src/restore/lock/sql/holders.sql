-- The other sessions of the server, in whatever database, that have advisory locks of class $1 or $2 on one
-- of the numbers in $3. Those of class $1 come first. pg_locks shows a lock's numbers as oids: $3 has them
-- so. What a user may not see of another's session is null.
SELECT l.objid,
       l.pid,
       l.classid OPERATOR(pg_catalog.=) $1::pg_catalog.oid,
       a.usename,
       a.application_name,
       CASE WHEN a.backend_start IS NULL THEN NULL
            ELSE COALESCE(pg_catalog.host(a.client_addr), 'the server''s own host') END,
       pg_catalog.to_char(pg_catalog.timezone('UTC', a.backend_start), 'YYYY-MM-DD HH24:MI:SS "UTC"')
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) l.pid
 WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
   -- a lock of two numbers of four bytes (SET_LOCKTAG_INT32)
   AND l.objsubid OPERATOR(pg_catalog.=) 2::pg_catalog.int2
   AND l.classid OPERATOR(pg_catalog.=) ANY (ARRAY[$1::pg_catalog.oid, $2::pg_catalog.oid])
   AND l.objid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])
   AND l.granted
   AND l.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
 ORDER BY 3 DESC, 2;
