-- The sessions that keep a database from being dropped. $1 is its name. What the user may not see of others' is
-- left out.
SELECT a.pid,
       a.usename,
       CASE WHEN a.client_addr IS NULL THEN ''
            ELSE pg_catalog.format(' from %s:%s', pg_catalog.host(a.client_addr), a.client_port) END,
       pg_catalog.format('%s, %s, since %s',
                         CASE WHEN pg_catalog.length(a.application_name) OPERATOR(pg_catalog.>) 0
                              THEN a.application_name ELSE 'a program without a name' END,
                         COALESCE(a.state, a.backend_type),
                         pg_catalog.to_char(pg_catalog.timezone('UTC', COALESCE(a.state_change, a.backend_start)),
                                            'YYYY-MM-DD HH24:MI:SS "UTC"'))
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname OPERATOR(pg_catalog.=) $1::pg_catalog.name
   AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
   AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'
 ORDER BY a.backend_start, a.pid
 LIMIT 5;
