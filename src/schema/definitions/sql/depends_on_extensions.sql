-- What goes when an extension goes: append_depends_on_extension() in pg_dump.c.
SELECT d.classid, d.objid, e.extname
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_extension AS e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype OPERATOR(pg_catalog.=) 'x'
ORDER BY d.classid, d.objid, e.extname;
