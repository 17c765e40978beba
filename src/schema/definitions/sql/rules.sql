-- Every rule, those of views included: getRules() and dumpRule() in pg_dump.c. Texts of those on the relations $1.
SELECT r.tableoid, r.oid, r.rulename, r.ev_class, r.ev_type, r.is_instead, r.ev_enabled,
       CASE WHEN r.ev_class OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
             AND NOT (r.ev_type OPERATOR(pg_catalog.=) '1' AND r.is_instead
                      AND c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'm']::pg_catalog."char"[]))
            THEN pg_catalog.pg_get_ruledef(r.oid) END
FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) r.ev_class
ORDER BY r.oid;
