-- Every materialized view, and which others its query reads, through any number of plain views:
-- buildMatViewRefreshDependencies() in pg_dump.c.
WITH RECURSIVE reads AS (
    SELECT c.oid AS reader, d.refobjid AS relation
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid
    JOIN pg_catalog.pg_depend AS d
      ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> c.oid
    WHERE c.relkind IN ('m', 'v')
), closure AS (
    SELECT reads.reader, reads.relation FROM reads
    UNION
    SELECT c.reader, reads.relation
    FROM closure AS c
    JOIN pg_catalog.pg_class AS v ON v.oid = c.relation AND v.relkind = 'v'
    JOIN reads ON reads.reader = v.oid
)
SELECT m.oid,
       n.nspname,
       m.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(m.relname) AS qualified,
       pg_catalog.pg_get_userbyid(m.relowner) AS owner,
       m.relispopulated,
       (SELECT pg_catalog.array_agg(DISTINCT c.relation)
        FROM closure AS c
        JOIN pg_catalog.pg_class AS o ON o.oid = c.relation AND o.relkind = 'm'
        WHERE c.reader = m.oid) AS reads_oids
FROM pg_catalog.pg_class AS m
JOIN pg_catalog.pg_namespace AS n ON n.oid = m.relnamespace
WHERE m.relkind = 'm'
ORDER BY n.nspname, m.relname;
