-- What pg_dump never dumps and does not mention: members that users added to PostgreSQL's own operator families, what
-- they made in PostgreSQL's own schemas or changed in its text search, rights and comments on row types,
-- disabled foreign keys, and indexes that are not valid. The third column is the relation that it belongs to, or zero.
SELECT pg_catalog.pg_describe_object(m.catalog, m.oid, 0), 'is left out: it belongs to an operator family of PostgreSQL itself', 0::pg_catalog.oid
FROM (SELECT o.tableoid AS catalog, o.oid FROM pg_catalog.pg_amop AS o WHERE o.oid OPERATOR(pg_catalog.>=) 16384
      UNION ALL
      SELECT p.tableoid, p.oid FROM pg_catalog.pg_amproc AS p WHERE p.oid OPERATOR(pg_catalog.>=) 16384) AS m
JOIN pg_catalog.pg_depend AS d ON d.classid OPERATOR(pg_catalog.=) m.catalog AND d.objid OPERATOR(pg_catalog.=) m.oid
WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_opfamily'::pg_catalog.regclass AND d.refobjid OPERATOR(pg_catalog.<) 16384
UNION ALL
SELECT pg_catalog.pg_describe_object(o.catalog, o.oid, 0), 'is left out: it is in a schema of PostgreSQL itself', 0
FROM (SELECT c.tableoid AS catalog, c.oid, c.relnamespace AS schema FROM pg_catalog.pg_class AS c
      WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'v', 'm', 'S', 'f', 'p']::pg_catalog."char"[])
      UNION ALL
      SELECT p.tableoid, p.oid, p.pronamespace FROM pg_catalog.pg_proc AS p
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                        WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                          AND d.deptype OPERATOR(pg_catalog.=) 'i')
      UNION ALL
      SELECT t.tableoid, t.oid, t.typnamespace FROM pg_catalog.pg_type AS t
      WHERE t.typrelid OPERATOR(pg_catalog.=) 0 AND t.typtype OPERATOR(pg_catalog.<>) 'm'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element
                        WHERE element.oid OPERATOR(pg_catalog.=) t.typelem AND element.typarray OPERATOR(pg_catalog.=) t.oid)
      UNION ALL
      SELECT c.tableoid, c.oid, c.relnamespace FROM pg_catalog.pg_class AS c WHERE c.relkind OPERATOR(pg_catalog.=) 'c'
      UNION ALL
      SELECT p.tableoid, p.oid, p.oprnamespace FROM pg_catalog.pg_operator AS p
      UNION ALL
      SELECT c.tableoid, c.oid, c.opcnamespace FROM pg_catalog.pg_opclass AS c
      UNION ALL
      SELECT f.tableoid, f.oid, f.opfnamespace FROM pg_catalog.pg_opfamily AS f
      UNION ALL
      SELECT c.tableoid, c.oid, c.collnamespace FROM pg_catalog.pg_collation AS c
      UNION ALL
      SELECT c.tableoid, c.oid, c.connamespace FROM pg_catalog.pg_conversion AS c
      UNION ALL
      SELECT p.tableoid, p.oid, p.prsnamespace FROM pg_catalog.pg_ts_parser AS p
      UNION ALL
      SELECT t.tableoid, t.oid, t.tmplnamespace FROM pg_catalog.pg_ts_template AS t
      UNION ALL
      SELECT d.tableoid, d.oid, d.dictnamespace FROM pg_catalog.pg_ts_dict AS d
      UNION ALL
      SELECT c.tableoid, c.oid, c.cfgnamespace FROM pg_catalog.pg_ts_config AS c
      UNION ALL
      SELECT s.tableoid, s.oid, s.stxnamespace FROM pg_catalog.pg_statistic_ext AS s) AS o
WHERE o.oid OPERATOR(pg_catalog.>=) 16384
  AND o.schema OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid OPERATOR(pg_catalog.=) o.catalog AND d.objid OPERATOR(pg_catalog.=) o.oid AND d.deptype OPERATOR(pg_catalog.=) 'e')
UNION ALL
SELECT pg_catalog.pg_describe_object(c.tableoid, c.oid, 0), 'is left out: it is not valid', i.indrelid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
WHERE NOT ((i.indisvalid OR t.relkind OPERATOR(pg_catalog.=) 'p') AND i.indisready) AND t.relkind OPERATOR(pg_catalog.<>) 't' AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
UNION ALL
SELECT DISTINCT pg_catalog.pg_describe_object(c.tableoid, c.oid, 0), 'is left out: PostgreSQL itself made it, and it was changed to use a dictionary of yours', 0
FROM pg_catalog.pg_ts_config_map AS m
JOIN pg_catalog.pg_ts_config AS c ON c.oid OPERATOR(pg_catalog.=) m.mapcfg
WHERE m.mapcfg OPERATOR(pg_catalog.<) 16384 AND m.mapdict OPERATOR(pg_catalog.>=) 16384
UNION ALL
SELECT pg_catalog.pg_describe_object(t.tableoid, t.oid, 0), 'has rights or a comment, which are left out: it is the row of a relation', c.oid
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.typrelid AND c.relkind OPERATOR(pg_catalog.<>) 'c'
WHERE t.oid OPERATOR(pg_catalog.>=) 16384
  AND (t.typacl IS NOT NULL
       OR EXISTS (SELECT FROM pg_catalog.pg_description AS d
                  WHERE d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objoid OPERATOR(pg_catalog.=) t.oid))
UNION ALL
SELECT DISTINCT pg_catalog.pg_describe_object(k.tableoid, k.oid, 0), 'has a disabled trigger, which will be enabled in a copy', k.conrelid
FROM pg_catalog.pg_trigger AS g
JOIN pg_catalog.pg_constraint AS k ON k.oid OPERATOR(pg_catalog.=) g.tgconstraint
WHERE g.tgisinternal AND g.tgenabled OPERATOR(pg_catalog.=) 'D'
ORDER BY 1;
