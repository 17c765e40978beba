-- Publications: getPublications() in pg_dump.c.
SELECT p.tableoid, p.oid, p.pubname, p.pubowner, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete,
       p.pubtruncate, p.pubviaroot,
       p.pubgencols, -- since 18
       'n',          -- before 18
       p.puballsequences -- since 19
       false             -- before 19
FROM pg_catalog.pg_publication AS p
ORDER BY p.oid;
