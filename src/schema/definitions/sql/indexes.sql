-- The indexes of the relations $1, with the constraint that each one serves: getIndexes() in pg_dump.c. The server
-- takes 56 microseconds to write an index's definition, so it is asked only for those that have one of their own.
SELECT t.tableoid, t.oid, i.indrelid, t.relname,
       CASE WHEN c.oid IS NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid) ELSE '' END, i.indkey,
       i.indisclustered, i.indisreplident, parent.inhparent, i.indnkeyatts, c.tableoid, c.oid, c.contype, c.conname,
       c.condeferrable, c.condeferred, CASE WHEN c.contype OPERATOR(pg_catalog.=) 'x' THEN pg_catalog.pg_get_constraintdef(c.oid, false) END,
       space.spcname, t.reloptions,
       i.indnullsnotdistinct, -- since 15
       false,                 -- before 15
       c.conperiod -- since 18
       false       -- before 18
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_index AS i ON i.indrelid OPERATOR(pg_catalog.=) wanted.oid
JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_class AS owner ON owner.oid OPERATOR(pg_catalog.=) i.indrelid
LEFT JOIN pg_catalog.pg_constraint AS c
       ON c.conrelid OPERATOR(pg_catalog.=) i.indrelid AND c.conindid OPERATOR(pg_catalog.=) i.indexrelid
      AND c.contype OPERATOR(pg_catalog.=) ANY (ARRAY['p', 'u', 'x']::pg_catalog."char"[])
LEFT JOIN pg_catalog.pg_inherits AS parent ON parent.inhrelid OPERATOR(pg_catalog.=) i.indexrelid
LEFT JOIN pg_catalog.pg_tablespace AS space ON space.oid OPERATOR(pg_catalog.=) t.reltablespace
WHERE (i.indisvalid OR owner.relkind OPERATOR(pg_catalog.=) 'p') AND i.indisready
ORDER BY i.indrelid, t.relname;
