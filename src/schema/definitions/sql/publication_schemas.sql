-- The schemas of publications: getPublicationNamespaces() in pg_dump.c.
SELECT p.tableoid, p.oid, p.pnpubid, p.pnnspid FROM pg_catalog.pg_publication_namespace AS p ORDER BY p.oid; -- since 15
SELECT 1 AS tableoid, 1 AS oid, 1 AS pnpubid, 1 AS pnnspid WHERE false; -- before 15
