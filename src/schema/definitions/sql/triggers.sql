-- The triggers of the relations $1; a partition's own only where it is enabled otherwise: getTriggers() in pg_dump.c.
SELECT t.tableoid, t.oid, t.tgrelid, t.tgname, pg_catalog.pg_get_triggerdef(t.oid, false), t.tgenabled,
       t.tgparentid OPERATOR(pg_catalog.<>) 0 -- since 15
       t.tgisinternal    -- before 15
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) wanted.oid
LEFT JOIN pg_catalog.pg_trigger AS parent ON parent.oid OPERATOR(pg_catalog.=) t.tgparentid
WHERE (NOT t.tgisinternal AND t.tgparentid OPERATOR(pg_catalog.=) 0 OR t.tgenabled OPERATOR(pg_catalog.<>) parent.tgenabled) -- since 15
WHERE (NOT t.tgisinternal OR t.tgenabled OPERATOR(pg_catalog.<>) parent.tgenabled)                      -- before 15
ORDER BY t.tgrelid, t.tgname;
