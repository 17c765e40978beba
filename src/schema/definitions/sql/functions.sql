-- Functions and procedures, without those that belong to another object: getFuncs() and dumpFunc() in pg_dump.c.
-- Of those in pg_catalog, the ones that users' casts and transforms need and the ones with other rights than at first.
SELECT p.tableoid, p.oid, p.proname, p.pronamespace, p.proowner, p.proacl,
       pg_catalog.acldefault('f', p.proowner), p.proargtypes, p.prorettype, p.proretset, p.prosrc, p.probin,
       p.provolatile, p.proisstrict, p.prosecdef, l.lanname, p.proconfig, p.procost, p.prorows,
       pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_identity_arguments(p.oid),
       pg_catalog.pg_get_function_result(p.oid), p.proleakproof, p.protrftypes, p.proparallel, p.prokind,
       p.prosupport::pg_catalog.regproc,
       pg_catalog.pg_get_function_sqlbody(p.oid) -- since 14
       NULL                                      -- before 14
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_language AS l ON l.oid OPERATOR(pg_catalog.=) p.prolang
LEFT JOIN pg_catalog.pg_init_privs AS first
       ON first.objoid OPERATOR(pg_catalog.=) p.oid AND first.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND first.objsubid OPERATOR(pg_catalog.=) 0
WHERE p.prokind OPERATOR(pg_catalog.<>) 'a'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                    AND d.deptype OPERATOR(pg_catalog.=) 'i')
  AND (p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace
       OR (p.proacl OPERATOR(pg_catalog.=) first.initprivs) IS NOT TRUE
           AND (p.proacl IS NOT NULL OR first.initprivs IS NOT NULL)
       OR EXISTS (SELECT FROM pg_catalog.pg_cast AS k WHERE k.oid OPERATOR(pg_catalog.>=) 16384 AND k.castfunc OPERATOR(pg_catalog.=) p.oid)
       OR EXISTS (SELECT FROM pg_catalog.pg_transform AS t
                  WHERE t.oid OPERATOR(pg_catalog.>=) 16384 AND (t.trffromsql OPERATOR(pg_catalog.=) p.oid OR t.trftosql OPERATOR(pg_catalog.=) p.oid)))
ORDER BY p.oid;
