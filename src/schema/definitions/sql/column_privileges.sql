-- The rights on columns: dumpTable() in pg_dump.c.
SELECT a.attrelid, a.attname, a.attacl, first.initprivs
FROM pg_catalog.pg_attribute AS a
LEFT JOIN pg_catalog.pg_init_privs AS first
       ON first.objoid OPERATOR(pg_catalog.=) a.attrelid AND first.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
      AND first.objsubid OPERATOR(pg_catalog.=) a.attnum
WHERE NOT a.attisdropped AND (a.attacl IS NOT NULL OR first.initprivs IS NOT NULL)
ORDER BY a.attrelid, a.attnum;
