-- Every object of users, by catalog, with the relation that it belongs to, or zero. What others bring along is left
-- out: TOAST tables, indexes that are not valid, constraints and triggers of partitions, NOT NULL constraints,
-- functions of ranges, casts of ranges.
SELECT there.catalog, pg_catalog.array_agg(there.oid), pg_catalog.array_agg(there.relation)
FROM (
    SELECT c.tableoid AS catalog, c.oid, 0::pg_catalog.oid AS relation FROM pg_catalog.pg_class AS c
    WHERE c.relkind OPERATOR(pg_catalog.<>) ALL (ARRAY['t', 'i', 'I']::pg_catalog."char"[])
    UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, i.indexrelid, i.indrelid FROM pg_catalog.pg_index AS i
    WHERE i.indisready
      AND (i.indisvalid OR EXISTS (SELECT FROM pg_catalog.pg_class AS t
                                   WHERE t.oid OPERATOR(pg_catalog.=) i.indrelid AND t.relkind OPERATOR(pg_catalog.=) 'p'))
    UNION ALL
    SELECT t.tableoid, t.oid, 0 FROM pg_catalog.pg_type AS t
    UNION ALL
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace OPERATOR(pg_catalog.<>) 'pg_catalog'::pg_catalog.regnamespace
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                        AND d.deptype OPERATOR(pg_catalog.=) 'i')
    UNION ALL
    SELECT c.tableoid, c.oid, c.conrelid FROM pg_catalog.pg_constraint AS c
    WHERE c.conrelid OPERATOR(pg_catalog.<>) 0 AND c.contype OPERATOR(pg_catalog.<>) 't'
      AND NOT (c.contype OPERATOR(pg_catalog.=) 'n' AND c.convalidated) AND NOT (c.contype OPERATOR(pg_catalog.=) 'f' AND c.conparentid OPERATOR(pg_catalog.<>) 0)
    UNION ALL
    SELECT d.tableoid, d.oid, d.adrelid FROM pg_catalog.pg_attrdef AS d
    UNION ALL
    SELECT r.tableoid, r.oid, 0 FROM pg_catalog.pg_rewrite AS r
    UNION ALL
    SELECT t.tableoid, t.oid, t.tgrelid FROM pg_catalog.pg_trigger AS t
    WHERE NOT t.tgisinternal AND t.tgparentid OPERATOR(pg_catalog.=) 0
    UNION ALL
    SELECT p.tableoid, p.oid, p.polrelid FROM pg_catalog.pg_policy AS p
    UNION ALL
    SELECT o.tableoid, o.oid, 0 FROM pg_catalog.pg_operator AS o
    UNION ALL
    SELECT c.tableoid, c.oid, 0 FROM pg_catalog.pg_opclass AS c
    UNION ALL
    SELECT f.tableoid, f.oid, 0 FROM pg_catalog.pg_opfamily AS f
    UNION ALL
    SELECT o.tableoid, o.oid, 0 FROM pg_catalog.pg_amop AS o
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amop'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) o.oid
                        AND d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_opclass'::pg_catalog.regclass,
                                                      'pg_catalog.pg_opfamily'::pg_catalog.regclass]))
    UNION ALL
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_amproc AS p
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_amproc'::pg_catalog.regclass AND d.objid OPERATOR(pg_catalog.=) p.oid
                        AND d.refclassid OPERATOR(pg_catalog.=) ANY (ARRAY['pg_catalog.pg_opclass'::pg_catalog.regclass,
                                                      'pg_catalog.pg_opfamily'::pg_catalog.regclass]))
    UNION ALL
    SELECT k.tableoid, k.oid, 0 FROM pg_catalog.pg_cast AS k
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_range AS r                                -- since 14
                      WHERE r.rngtypid OPERATOR(pg_catalog.=) k.castsource AND r.rngmultitypid OPERATOR(pg_catalog.=) k.casttarget) -- since 14
    UNION ALL
    SELECT x.tableoid, x.oid, 0 FROM pg_catalog.pg_extension AS x
    UNION ALL
    SELECT n.tableoid, n.oid, 0 FROM pg_catalog.pg_namespace AS n
    UNION ALL
    SELECT l.tableoid, l.oid, 0 FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT a.tableoid, a.oid, 0 FROM pg_catalog.pg_am AS a
    UNION ALL
    SELECT c.tableoid, c.oid, 0 FROM pg_catalog.pg_collation AS c
    UNION ALL
    SELECT c.tableoid, c.oid, 0 FROM pg_catalog.pg_conversion AS c
    UNION ALL
    SELECT t.tableoid, t.oid, 0 FROM pg_catalog.pg_transform AS t
    UNION ALL
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_ts_parser AS p
    UNION ALL
    SELECT t.tableoid, t.oid, 0 FROM pg_catalog.pg_ts_template AS t
    UNION ALL
    SELECT d.tableoid, d.oid, 0 FROM pg_catalog.pg_ts_dict AS d
    UNION ALL
    SELECT c.tableoid, c.oid, 0 FROM pg_catalog.pg_ts_config AS c
    UNION ALL
    SELECT w.tableoid, w.oid, 0 FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL
    SELECT s.tableoid, s.oid, 0 FROM pg_catalog.pg_foreign_server AS s
    UNION ALL
    SELECT a.tableoid, a.oid, 0 FROM pg_catalog.pg_default_acl AS a
    UNION ALL
    SELECT e.tableoid, e.oid, 0 FROM pg_catalog.pg_event_trigger AS e
    UNION ALL
    SELECT s.tableoid, s.oid, 0 FROM pg_catalog.pg_statistic_ext AS s
    UNION ALL
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_publication AS p
    UNION ALL
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_publication_rel AS p
    WHERE NOT p.prexcept -- since 19
    UNION ALL                                                                   -- since 15
    SELECT p.tableoid, p.oid, 0 FROM pg_catalog.pg_publication_namespace AS p      -- since 15
) AS there
WHERE there.oid OPERATOR(pg_catalog.>=) 16384
GROUP BY there.catalog;
