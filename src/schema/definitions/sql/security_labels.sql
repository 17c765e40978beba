-- Security labels: collectSecLabels() in pg_dump.c.
SELECT l.classoid, l.objoid, l.objsubid, l.provider, l.label
FROM pg_catalog.pg_seclabel AS l
ORDER BY l.classoid, l.objoid, l.objsubid, l.provider;
