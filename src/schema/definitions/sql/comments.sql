-- Comments: collectComments() in pg_dump.c.
SELECT c.classoid, c.objoid, c.objsubid, c.description
FROM pg_catalog.pg_description AS c
ORDER BY c.classoid, c.objoid, c.objsubid;
