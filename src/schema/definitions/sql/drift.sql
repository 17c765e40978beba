-- The rows behind definitions that are written as they are now: how many are older than transaction $1, and which are
-- not. $2: the relations whose definitions are wanted. Temporary objects do not count, nor do locked tables.
SELECT of.catalog, pg_catalog.count(*) FILTER (WHERE of.is_old),
       pg_catalog.array_agg(pg_catalog.concat(of.oid, ':', of.xmin)) FILTER (WHERE NOT of.is_old)
FROM (
    SELECT 'pg_proc' AS catalog, p.oid, p.xmin, pg_catalog.age(p.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
    FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'
    UNION ALL
    SELECT 'pg_type', t.oid, t.xmin, pg_catalog.age(t.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_type AS t
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'
    WHERE t.typrelid OPERATOR(pg_catalog.=) 0 AND t.typelem OPERATOR(pg_catalog.=) 0
    UNION ALL
    SELECT 'pg_class', c.oid, c.xmin, pg_catalog.age(c.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_class AS c
    WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['v', 'm', 'f', 'S']::pg_catalog."char"[]) AND c.oid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_rewrite', r.oid, r.xmin, pg_catalog.age(r.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_constraint', c.oid, c.xmin, pg_catalog.age(c.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_constraint AS c WHERE c.conrelid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_attrdef', d.oid, d.xmin, pg_catalog.age(d.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_trigger', t.oid, t.xmin, pg_catalog.age(t.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_policy', p.oid, p.xmin, pg_catalog.age(p.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_policy AS p WHERE p.polrelid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_statistic_ext', s.oid, s.xmin, pg_catalog.age(s.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_statistic_ext AS s WHERE s.stxrelid OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.oid[])
    UNION ALL
    SELECT 'pg_namespace', n.oid, n.xmin, pg_catalog.age(n.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast_)?temp_'
    UNION ALL
    SELECT 'pg_operator', o.oid, o.xmin, pg_catalog.age(o.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_operator AS o
    UNION ALL
    SELECT 'pg_collation', c.oid, c.xmin, pg_catalog.age(c.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid)
    FROM pg_catalog.pg_collation AS c
) AS of
GROUP BY of.catalog;
