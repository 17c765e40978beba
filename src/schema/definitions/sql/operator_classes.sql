-- Every operator class: getOpclasses() and dumpOpclass() in pg_dump.c.
SELECT c.tableoid, c.oid, c.opcname, c.opcnamespace, c.opcowner, c.opcmethod, c.opcintype::pg_catalog.regtype,
       c.opckeytype::pg_catalog.regtype, c.opcdefault, f.opfname, n.nspname, a.amname
FROM pg_catalog.pg_opclass AS c
JOIN pg_catalog.pg_am AS a ON a.oid OPERATOR(pg_catalog.=) c.opcmethod
LEFT JOIN pg_catalog.pg_opfamily AS f ON f.oid OPERATOR(pg_catalog.=) c.opcfamily
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.opfnamespace
ORDER BY c.oid;
