-- Procedural languages: getProcLangs() in pg_dump.c.
SELECT l.tableoid, l.oid, l.lanname, l.lanpltrusted, l.lanplcallfoid, l.laninline, l.lanvalidator, l.lanowner,
       l.lanacl, pg_catalog.acldefault('l', l.lanowner)
FROM pg_catalog.pg_language AS l
WHERE l.lanispl
ORDER BY l.oid;
