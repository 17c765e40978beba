-- What the planner knows of the relations $1 and of their indexes as wholes: getTables() and getIndexes() in pg_dump.c.
-- An index on expressions has columns that the server names, so they are told by number.
SELECT c.oid, c.relpages, c.reltuples, c.relallvisible,
       c.relallfrozen, -- since 18
       NULL,           -- before 18
       CASE WHEN i.indexprs IS NOT NULL
            THEN (SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
                  WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid) END
FROM (SELECT wanted.oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
      UNION ALL
      SELECT own.indexrelid FROM pg_catalog.pg_index AS own
      WHERE own.indrelid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])) AS of
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) of.oid
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p', 'm', 'f', 'i', 'I']::pg_catalog."char"[])
ORDER BY c.oid;
