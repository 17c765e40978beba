-- The subscriptions of this database: getSubscriptions() in pg_dump.c. Before 16 their work was always done as the owner.
SELECT s.tableoid, s.oid, s.subname, s.subowner, s.subconninfo, s.subslotname, s.subsynccommit,
       s.subpublications::pg_catalog.text,
       s.subbinary, s.substream,            -- since 14
       false, 'f',                          -- before 14
       s.subtwophasestate, s.subdisableonerr, -- since 15
       'd', false,                          -- before 15
       s.subpasswordrequired, s.subrunasowner, s.suborigin, -- since 16
       true, true, 'any',                   -- before 16
       s.subfailover,                       -- since 17
       false,                               -- before 17
       server.srvname, s.subretaindeadtuples, s.submaxretention, s.subwalrcvtimeout -- since 19
       NULL, false, 0, NULL                 -- before 19
FROM pg_catalog.pg_subscription AS s
LEFT JOIN pg_catalog.pg_foreign_server AS server ON server.oid OPERATOR(pg_catalog.=) s.subserver -- since 19
WHERE s.subdbid OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database AS d
                   WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
ORDER BY s.oid;
