-- Collations: getCollations() and dumpCollation() in pg_dump.c.
SELECT c.tableoid, c.oid, c.collname, c.collnamespace, c.collowner, c.collencoding, c.collprovider,
       c.collisdeterministic, c.collcollate, c.collctype,
       c.colllocale,    -- since 17
       c.colliculocale, -- since 15, before 17
       NULL,            -- before 15
       c.collicurules -- since 16
       NULL           -- before 16
FROM pg_catalog.pg_collation AS c
ORDER BY c.oid;
