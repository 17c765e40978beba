-- The members of extensions: getExtensionMembership() in pg_dump.c.
SELECT d.classid, d.objid, d.refobjid
FROM pg_catalog.pg_depend AS d
WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype OPERATOR(pg_catalog.=) 'e'
ORDER BY d.refobjid, d.classid, d.objid;
