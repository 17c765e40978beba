-- The triggers of the relations $1; a partition's own only where it is enabled otherwise: getTriggers() in pg_dump.c.
-- Not those of a partition's foreign keys, which pg_dump takes along from 15 on where they are disabled: their names hold
-- an OID of the source, so that the statement fails in every copy.
SELECT t.tableoid, t.oid, t.tgrelid, t.tgname, pg_catalog.pg_get_triggerdef(t.oid, false), t.tgenabled,
       t.tgparentid OPERATOR(pg_catalog.<>) 0 -- since 15
       t.tgisinternal    -- before 15
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) wanted.oid
LEFT JOIN pg_catalog.pg_trigger AS parent ON parent.oid OPERATOR(pg_catalog.=) t.tgparentid
WHERE NOT t.tgisinternal AND (t.tgparentid OPERATOR(pg_catalog.=) 0 OR t.tgenabled OPERATOR(pg_catalog.<>) parent.tgenabled) -- since 15
WHERE (NOT t.tgisinternal OR t.tgenabled OPERATOR(pg_catalog.<>) parent.tgenabled)                      -- before 15
ORDER BY t.tgrelid, t.tgname;
