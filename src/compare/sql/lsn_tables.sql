-- Tables with a column whose text holds a pg_lsn: one itself, or an array, domain, composite or range of such.
WITH RECURSIVE holder (oid) AS (
    SELECT 'pg_catalog.pg_lsn'::pg_catalog.regtype::pg_catalog.oid
    UNION
    SELECT outer_type.oid
      FROM holder AS h
      JOIN (
        SELECT t.oid, t.typelem AS inner_type FROM pg_catalog.pg_type AS t
        UNION ALL
        SELECT t.oid, t.typbasetype FROM pg_catalog.pg_type AS t
        UNION ALL
        SELECT c.reltype, a.atttypid
          FROM pg_catalog.pg_attribute AS a
          JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
         WHERE NOT a.attisdropped
        UNION ALL
        SELECT r.rngtypid, r.rngsubtype FROM pg_catalog.pg_range AS r
        UNION ALL
        SELECT r.rngmultitypid, r.rngsubtype FROM pg_catalog.pg_range AS r
      ) AS outer_type ON outer_type.inner_type OPERATOR(pg_catalog.=) h.oid
)
SELECT DISTINCT n.nspname, c.relname
  FROM pg_catalog.pg_attribute AS a
  JOIN holder AS h ON h.oid OPERATOR(pg_catalog.=) a.atttypid
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE NOT a.attisdropped
   AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char";
