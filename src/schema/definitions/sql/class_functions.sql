-- The support functions of the classes and families in the schemas $1, as with their operators.
SELECT d.refclassid, d.refobjid, p.amprocnum, p.amproc::pg_catalog.regprocedure,
       p.amproclefttype::pg_catalog.regtype, p.amprocrighttype::pg_catalog.regtype
FROM pg_catalog.pg_amproc AS p
JOIN pg_catalog.pg_depend AS d
  ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amproc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
WHERE (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opclass'::pg_catalog.regclass
       AND EXISTS (SELECT FROM pg_catalog.pg_opclass AS c
                   WHERE c.oid OPERATOR(pg_catalog.=) d.refobjid AND c.opcnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])))
   OR (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass
       AND EXISTS (SELECT FROM pg_catalog.pg_opfamily AS own
                   WHERE own.oid OPERATOR(pg_catalog.=) d.refobjid AND own.opfnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])))
ORDER BY d.refclassid, d.refobjid, p.amprocnum, p.amproclefttype::pg_catalog.regtype::pg_catalog.text COLLATE "C",
         p.amprocrighttype::pg_catalog.regtype::pg_catalog.text COLLATE "C", p.oid;
