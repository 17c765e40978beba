-- What some columns have of their own: rights, now and as CREATE EXTENSION or initdb left them (dumpTable() in
-- pg_dump.c); columns of indexes a statistics target (getIndexes()). One reading of pg_attribute for both.
SELECT a.attrelid, a.attname, a.attnum, a.attacl, first.initprivs,
       CASE WHEN c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[]) THEN a.attstattarget END
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
LEFT JOIN pg_catalog.pg_init_privs AS first
       ON first.objoid OPERATOR(pg_catalog.=) a.attrelid AND first.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
      AND first.objsubid OPERATOR(pg_catalog.=) a.attnum
WHERE NOT a.attisdropped AND (a.attacl IS NOT NULL OR a.attstattarget OPERATOR(pg_catalog.>=) 0)
  AND (a.attacl IS NOT NULL OR c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[]))
UNION ALL
SELECT a.attrelid, a.attname, a.attnum, NULL, first.initprivs, NULL
FROM pg_catalog.pg_init_privs AS first
JOIN pg_catalog.pg_attribute AS a
  ON a.attrelid OPERATOR(pg_catalog.=) first.objoid AND a.attnum OPERATOR(pg_catalog.=) first.objsubid
WHERE first.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass AND first.objsubid OPERATOR(pg_catalog.<>) 0
  AND NOT a.attisdropped AND a.attacl IS NULL
ORDER BY 1, 3;
