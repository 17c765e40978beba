-- The database itself: dumpDatabase() in pg_dump.c.
SELECT d.tableoid, d.oid, d.datname, d.datdba, pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
       d.datacl, pg_catalog.acldefault('d', d.datdba), d.datistemplate, d.datconnlimit,
       d.datlocprovider, d.datlocale,    -- since 17
       d.datlocprovider, d.daticulocale, -- since 15, before 17
       'c', NULL,                        -- before 15
       d.daticurules, -- since 16
       NULL,          -- before 16
       t.spcname, pg_catalog.shobj_description(d.oid, 'pg_database')
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_tablespace AS t ON t.oid OPERATOR(pg_catalog.=) d.dattablespace
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database();
