-- Every materialized view, and which others its query reads, through any number of plain views:
-- buildMatViewRefreshDependencies() in pg_dump.c.
WITH RECURSIVE reads AS (
    SELECT c.oid AS reader, d.refobjid AS relation
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class OPERATOR(pg_catalog.=) c.oid
    JOIN pg_catalog.pg_depend AS d
      ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     AND d.objid OPERATOR(pg_catalog.=) r.oid
     AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
     AND d.refobjid OPERATOR(pg_catalog.<>) c.oid
    WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['m', 'v']::pg_catalog."char"[])
), closure AS (
    SELECT reads.reader, reads.relation FROM reads
    UNION
    SELECT c.reader, reads.relation
    FROM closure AS c
    JOIN pg_catalog.pg_class AS v ON v.oid OPERATOR(pg_catalog.=) c.relation AND v.relkind OPERATOR(pg_catalog.=) 'v'
    JOIN reads ON reads.reader OPERATOR(pg_catalog.=) v.oid
)
SELECT m.oid,
       n.nspname,
       m.relname,
       pg_catalog.format('%I.%I', n.nspname, m.relname) AS qualified,
       pg_catalog.pg_get_userbyid(m.relowner) AS owner,
       m.relispopulated,
       (SELECT pg_catalog.array_agg(DISTINCT c.relation)
        FROM closure AS c
        JOIN pg_catalog.pg_class AS o
          ON o.oid OPERATOR(pg_catalog.=) c.relation AND o.relkind OPERATOR(pg_catalog.=) 'm'
        WHERE c.reader OPERATOR(pg_catalog.=) m.oid) AS reads_oids
FROM pg_catalog.pg_class AS m
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) m.relnamespace
WHERE m.relkind OPERATOR(pg_catalog.=) 'm'
ORDER BY n.nspname, m.relname;
