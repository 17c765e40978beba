-- Casts, without those that a range brings along: getCasts() in pg_dump.c.
SELECT k.tableoid, k.oid, k.castsource, k.casttarget, k.castfunc, k.castcontext, k.castmethod
FROM pg_catalog.pg_cast AS k
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_range AS r                                    -- since 14
                  WHERE r.rngtypid OPERATOR(pg_catalog.=) k.castsource AND r.rngmultitypid OPERATOR(pg_catalog.=) k.casttarget)     -- since 14
ORDER BY k.castsource, k.casttarget;
