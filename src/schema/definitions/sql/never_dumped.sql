-- What pg_dump never dumps and does not mention: members that users added to PostgreSQL's own operator families, what
-- they made in PostgreSQL's own schemas, and indexes that are not valid.
SELECT pg_catalog.pg_describe_object(m.catalog, m.oid, 0), 'it belongs to an operator family of PostgreSQL itself'
FROM (SELECT o.tableoid AS catalog, o.oid FROM pg_catalog.pg_amop AS o WHERE o.oid OPERATOR(pg_catalog.>=) 16384
      UNION ALL
      SELECT p.tableoid, p.oid FROM pg_catalog.pg_amproc AS p WHERE p.oid OPERATOR(pg_catalog.>=) 16384) AS m
JOIN pg_catalog.pg_depend AS d ON d.classid OPERATOR(pg_catalog.=) m.catalog AND d.objid OPERATOR(pg_catalog.=) m.oid
WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.<) 16384
UNION ALL
SELECT pg_catalog.pg_describe_object(o.catalog, o.oid, 0), 'it is in a schema of PostgreSQL itself'
FROM (SELECT c.tableoid AS catalog, c.oid, c.relnamespace AS schema FROM pg_catalog.pg_class AS c
      WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'm', 'S', 'f', 'p']::pg_catalog."char"[])
      UNION ALL
      SELECT p.tableoid, p.oid, p.pronamespace FROM pg_catalog.pg_proc AS p
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                          AND d.deptype OPERATOR(pg_catalog.=) 'i')) AS o
WHERE o.oid OPERATOR(pg_catalog.>=) 16384
  AND o.schema OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid OPERATOR(pg_catalog.=) o.catalog AND d.objid OPERATOR(pg_catalog.=) o.oid AND d.deptype OPERATOR(pg_catalog.=) 'e')
UNION ALL
SELECT pg_catalog.pg_describe_object(c.tableoid, c.oid, 0), 'it is not valid'
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
WHERE NOT ((i.indisvalid OR t.relkind OPERATOR(pg_catalog.=) 'p') AND i.indisready) AND t.relkind OPERATOR(pg_catalog.<>) 't' AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
ORDER BY 1;
