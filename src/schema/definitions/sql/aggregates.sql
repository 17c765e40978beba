-- Aggregates: getAggregates() and dumpAgg() in pg_dump.c.
SELECT p.tableoid, p.oid, p.proname, p.pronamespace, p.proowner, p.proacl,
       pg_catalog.acldefault('f', p.proowner), p.proargtypes, a.aggtransfn::pg_catalog.regproc,
       a.aggfinalfn::pg_catalog.regproc, a.aggcombinefn::pg_catalog.regproc, a.aggserialfn::pg_catalog.regproc,
       a.aggdeserialfn::pg_catalog.regproc, a.aggmtransfn::pg_catalog.regproc,
       a.aggminvtransfn::pg_catalog.regproc, a.aggmfinalfn::pg_catalog.regproc, a.aggfinalextra, a.aggmfinalextra,
       a.aggfinalmodify, a.aggmfinalmodify, a.aggsortop, a.aggkind, a.aggtranstype::pg_catalog.regtype,
       a.aggtransspace, a.aggmtranstype::pg_catalog.regtype, a.aggmtransspace, a.agginitval, a.aggminitval,
       p.proparallel, pg_catalog.pg_get_function_arguments(p.oid),
       pg_catalog.pg_get_function_identity_arguments(p.oid)
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_aggregate AS a ON a.aggfnoid OPERATOR(pg_catalog.=) p.oid
LEFT JOIN pg_catalog.pg_init_privs AS first
       ON first.objoid OPERATOR(pg_catalog.=) p.oid AND first.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND first.objsubid OPERATOR(pg_catalog.=) 0
WHERE p.prokind OPERATOR(pg_catalog.=) 'a'
  AND (p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace OR (p.proacl OPERATOR(pg_catalog.=) first.initprivs) IS NOT TRUE
           AND (p.proacl IS NOT NULL OR first.initprivs IS NOT NULL))
ORDER BY p.oid;
