-- The restore's own sessions, which have advisory locks of class $1 on the numbers in $2 or are process $3, that wait
-- for a lock of another session; and that one. pg_blocking_pids says 0 for a prepared transaction.
WITH own AS (
    SELECT l.pid
      FROM pg_catalog.pg_locks AS l
     WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory'
       AND l.objsubid OPERATOR(pg_catalog.=) 2::pg_catalog.int2
       AND l.classid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
       AND l.objid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
       AND l.granted
     UNION
    SELECT $3::pg_catalog.int4
)
SELECT w.pid,
       a.datname,
       w.relation,
       b.pid,
       h.usename,
       h.application_name,
       CASE WHEN h.backend_start IS NULL THEN NULL
            ELSE COALESCE(pg_catalog.host(h.client_addr), 'the server''s own host') END,
       pg_catalog.to_char(pg_catalog.timezone('UTC', COALESCE(h.xact_start, h.backend_start)),
                          'YYYY-MM-DD HH24:MI:SS "UTC"'),
       w.locktype
  FROM own AS o,
       pg_catalog.pg_locks AS w,
       pg_catalog.pg_stat_activity AS a,
       LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
       LEFT JOIN pg_catalog.pg_stat_activity AS h ON h.pid OPERATOR(pg_catalog.=) b.pid
 WHERE w.pid OPERATOR(pg_catalog.=) o.pid
   AND NOT w.granted
   AND a.pid OPERATOR(pg_catalog.=) w.pid
   AND NOT EXISTS (SELECT FROM own AS x WHERE x.pid OPERATOR(pg_catalog.=) b.pid)
 ORDER BY w.pid, b.pid;
