-- Security labels: collectSecLabels() in pg_dump.c. Those of subscriptions are with the shared ones
-- (SetSecurityLabel() in seclabel.c).
SELECT l.classoid, l.objoid, l.objsubid, l.provider, l.label
FROM pg_catalog.pg_seclabel AS l
UNION ALL
SELECT s.classoid, s.objoid, 0, s.provider, s.label
FROM pg_catalog.pg_shseclabel AS s
WHERE s.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_subscription'::pg_catalog.regclass
ORDER BY 1, 2, 3, 4;
