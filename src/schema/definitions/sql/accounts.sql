-- Objects of users that nobody knows. $1 and $2: catalogs and OIDs of the objects that were read. $3: the relations
-- whose definitions are wanted. What others bring along is not asked for: TOAST tables, indexes that are not
-- valid, constraints and triggers of partitions, NOT NULL constraints, functions of ranges, casts of ranges.
SELECT pg_catalog.pg_describe_object(there.catalog, there.oid, 0)
FROM (
    SELECT c.tableoid AS catalog, c.oid FROM pg_catalog.pg_class AS c
    WHERE c.relkind OPERATOR(pg_catalog.<>) ALL (ARRAY['t', 'i', 'I']::pg_catalog."char"[])
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
    JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) i.indrelid
    WHERE i.indrelid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[]) AND (i.indisvalid OR t.relkind OPERATOR(pg_catalog.=) 'p') AND i.indisready
    UNION ALL
    SELECT t.tableoid, t.oid FROM pg_catalog.pg_type AS t
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                        AND d.deptype OPERATOR(pg_catalog.=) 'i')
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_constraint AS c
    WHERE c.conrelid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[]) AND c.contype OPERATOR(pg_catalog.<>) 't'
      AND NOT (c.contype OPERATOR(pg_catalog.=) 'n' AND c.convalidated) AND NOT (c.contype OPERATOR(pg_catalog.=) 'f' AND c.conparentid OPERATOR(pg_catalog.<>) 0)
    UNION ALL
    SELECT d.tableoid, d.oid FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])
    UNION ALL
    SELECT r.tableoid, r.oid FROM pg_catalog.pg_rewrite AS r
    UNION ALL
    SELECT t.tableoid, t.oid FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[]) AND NOT t.tgisinternal AND t.tgparentid OPERATOR(pg_catalog.=) 0
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_policy AS p WHERE p.polrelid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])
    UNION ALL
    SELECT o.tableoid, o.oid FROM pg_catalog.pg_operator AS o
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_opclass AS c
    UNION ALL
    SELECT f.tableoid, f.oid FROM pg_catalog.pg_opfamily AS f
    UNION ALL
    SELECT o.tableoid, o.oid FROM pg_catalog.pg_amop AS o
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amop'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) o.oid
                        AND d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_opclass'::pg_catalog.regclass,
                                                      'pg_catalog.pg_opfamily'::pg_catalog.regclass]))
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_amproc AS p
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amproc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                        AND d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_opclass'::pg_catalog.regclass,
                                                      'pg_catalog.pg_opfamily'::pg_catalog.regclass]))
    UNION ALL
    SELECT k.tableoid, k.oid FROM pg_catalog.pg_cast AS k
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_range AS r                                -- since 14
                      WHERE r.rngtypid OPERATOR(pg_catalog.=) k.castsource AND r.rngmultitypid OPERATOR(pg_catalog.=) k.casttarget) -- since 14
    UNION ALL
    SELECT x.tableoid, x.oid FROM pg_catalog.pg_extension AS x
    UNION ALL
    SELECT n.tableoid, n.oid FROM pg_catalog.pg_namespace AS n
    UNION ALL
    SELECT l.tableoid, l.oid FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT a.tableoid, a.oid FROM pg_catalog.pg_am AS a
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_collation AS c
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_conversion AS c
    UNION ALL
    SELECT t.tableoid, t.oid FROM pg_catalog.pg_transform AS t
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_ts_parser AS p
    UNION ALL
    SELECT t.tableoid, t.oid FROM pg_catalog.pg_ts_template AS t
    UNION ALL
    SELECT d.tableoid, d.oid FROM pg_catalog.pg_ts_dict AS d
    UNION ALL
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_ts_config AS c
    UNION ALL
    SELECT w.tableoid, w.oid FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid FROM pg_catalog.pg_foreign_server AS s
    UNION ALL
    SELECT a.tableoid, a.oid FROM pg_catalog.pg_default_acl AS a
    UNION ALL
    SELECT e.tableoid, e.oid FROM pg_catalog.pg_event_trigger AS e
    UNION ALL
    SELECT s.tableoid, s.oid FROM pg_catalog.pg_statistic_ext AS s
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_publication_rel AS p
    WHERE NOT p.prexcept -- since 19
    UNION ALL                                                                   -- since 15
    SELECT p.tableoid, p.oid FROM pg_catalog.pg_publication_namespace AS p      -- since 15
) AS there
WHERE there.oid OPERATOR(pg_catalog.>=) 16384
  AND NOT EXISTS (SELECT FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]),
                                         pg_catalog.unnest($2::pg_catalog.oid[])) AS known(catalog, oid)
                  WHERE known.catalog OPERATOR(pg_catalog.=) there.catalog AND known.oid OPERATOR(pg_catalog.=) there.oid)
ORDER BY 1;
