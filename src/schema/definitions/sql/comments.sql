-- Comments: collectComments() in pg_dump.c. Of what initdb made only schemas are dumped, and what is in the schemas $1.
SELECT c.classoid, c.objoid, c.objsubid, c.description
FROM pg_catalog.pg_description AS c
WHERE c.objoid OPERATOR(pg_catalog.>=) 16384 OR c.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
   OR EXISTS (SELECT FROM pg_catalog.pg_namespace AS n
              WHERE n.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) AND n.nspname OPERATOR(pg_catalog.<>) 'public'
                AND n.oid OPERATOR(pg_catalog.<) 16384)
ORDER BY c.classoid, c.objoid, c.objsubid;
