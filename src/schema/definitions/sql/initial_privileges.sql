-- The rights that objects had after initdb or CREATE EXTENSION: getAdditionalACLs() in pg_dump.c.
SELECT p.objoid, p.classoid, p.objsubid, p.initprivs
FROM pg_catalog.pg_init_privs AS p
ORDER BY p.classoid, p.objoid, p.objsubid;
