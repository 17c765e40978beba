-- Who needs whom, as lists by the catalog of who needs: a row for each need would be most of all rows. In no order: the
-- reader puts them with their objects. Members of operator families count as the family: getDependencies() in pg_dump.c.
SELECT d.classid, pg_catalog.array_agg(d.objid), pg_catalog.array_agg(d.refclassid), pg_catalog.array_agg(d.refobjid),
       pg_catalog.string_agg(d.deptype::pg_catalog.text, '')
FROM (
    SELECT d.classid, d.objid, d.refclassid, d.refobjid, d.deptype
    FROM pg_catalog.pg_depend AS d
    WHERE d.deptype OPERATOR(pg_catalog.<>) ALL (ARRAY['p', 'e']::pg_catalog."char"[])
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass::pg_catalog.oid, o.amopfamily, d.refclassid, d.refobjid, d.deptype
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_amop AS o ON o.oid OPERATOR(pg_catalog.=) d.objid
    WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amop'::pg_catalog.regclass
      AND d.deptype OPERATOR(pg_catalog.<>) ALL (ARRAY['p', 'e', 'i']::pg_catalog."char"[])
      AND NOT (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) o.amopfamily)
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass::pg_catalog.oid, p.amprocfamily, d.refclassid, d.refobjid, d.deptype
    FROM pg_catalog.pg_depend AS d
    JOIN pg_catalog.pg_amproc AS p ON p.oid OPERATOR(pg_catalog.=) d.objid
    WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amproc'::pg_catalog.regclass
      AND d.deptype OPERATOR(pg_catalog.<>) ALL (ARRAY['p', 'e', 'i']::pg_catalog."char"[])
      AND NOT (d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.=) p.amprocfamily)
) AS d
GROUP BY d.classid;
