-- The operators of the classes and families in the schemas $1. pg_depend tells which of both an operator belongs
-- to: dumpOpclass() and dumpOpfamily() in pg_dump.c, with the types as a further order, which pg_dump lacks.
SELECT d.refclassid, d.refobjid, o.amopstrategy, o.amopopr::pg_catalog.regoperator, f.opfname, n.nspname
FROM pg_catalog.pg_amop AS o
JOIN pg_catalog.pg_depend AS d
  ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amop'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) o.oid
LEFT JOIN pg_catalog.pg_opfamily AS f ON f.oid OPERATOR(pg_catalog.=) o.amopsortfamily
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) f.opfnamespace
WHERE (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opclass'::pg_catalog.regclass
       AND EXISTS (SELECT FROM pg_catalog.pg_opclass AS c
                   WHERE c.oid OPERATOR(pg_catalog.=) d.refobjid AND c.opcfamily OPERATOR(pg_catalog.=) o.amopfamily
                     AND c.opcnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])))
   OR (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) o.amopfamily
       AND EXISTS (SELECT FROM pg_catalog.pg_opfamily AS own
                   WHERE own.oid OPERATOR(pg_catalog.=) d.refobjid AND own.opfnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])))
ORDER BY d.refclassid, d.refobjid, o.amopstrategy, o.amoplefttype::pg_catalog.regtype::pg_catalog.text COLLATE "C",
         o.amoprighttype::pg_catalog.regtype::pg_catalog.text COLLATE "C", o.oid;
