-- The rows that server functions read as they are now when they write definitions: how many of each catalog are older
-- than transaction $1, and which are not. Roles have no age: they are all told.
SELECT 'pg_proc', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(p.oid, ':', 0, ':', p.xmin) AS version,
             pg_catalog.age(p.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_proc AS p) AS of
UNION ALL
SELECT 'pg_type', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(t.oid, ':', 0, ':', t.xmin) AS version,
             pg_catalog.age(t.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_type AS t) AS of
UNION ALL
SELECT 'pg_enum', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(e.oid, ':', 0, ':', e.xmin) AS version,
             pg_catalog.age(e.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_enum AS e) AS of
UNION ALL
SELECT 'pg_class', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(c.oid, ':', 0, ':', c.xmin) AS version,
             pg_catalog.age(c.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_class AS c WHERE c.relkind OPERATOR(pg_catalog.<>) 't') AS of
UNION ALL
SELECT 'pg_attribute', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(a.attrelid, ':', a.attnum::pg_catalog.int4, ':', a.xmin) AS version,
             pg_catalog.age(a.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_attribute AS a WHERE a.attnum OPERATOR(pg_catalog.>) 0) AS of
UNION ALL
SELECT 'pg_attrdef', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(d.oid, ':', 0, ':', d.xmin) AS version,
             pg_catalog.age(d.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_attrdef AS d) AS of
UNION ALL
SELECT 'pg_rewrite', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(r.oid, ':', 0, ':', r.xmin) AS version,
             pg_catalog.age(r.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_rewrite AS r) AS of
UNION ALL
SELECT 'pg_trigger', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(g.oid, ':', 0, ':', g.xmin) AS version,
             pg_catalog.age(g.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_trigger AS g) AS of
UNION ALL
SELECT 'pg_policy', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(y.oid, ':', 0, ':', y.xmin) AS version,
             pg_catalog.age(y.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_policy AS y) AS of
UNION ALL
SELECT 'pg_constraint', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(k.oid, ':', 0, ':', k.xmin) AS version,
             pg_catalog.age(k.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_constraint AS k) AS of
UNION ALL
SELECT 'pg_statistic_ext', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(s.oid, ':', 0, ':', s.xmin) AS version,
             pg_catalog.age(s.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_statistic_ext AS s) AS of
UNION ALL
SELECT 'pg_namespace', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(n.oid, ':', 0, ':', n.xmin) AS version,
             pg_catalog.age(n.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_namespace AS n) AS of
UNION ALL
SELECT 'pg_operator', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(o.oid, ':', 0, ':', o.xmin) AS version,
             pg_catalog.age(o.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_operator AS o) AS of
UNION ALL
SELECT 'pg_collation', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(x.oid, ':', 0, ':', x.xmin) AS version,
             pg_catalog.age(x.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_collation AS x) AS of
UNION ALL
SELECT 'pg_opclass', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(b.oid, ':', 0, ':', b.xmin) AS version,
             pg_catalog.age(b.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_opclass AS b) AS of
UNION ALL
SELECT 'pg_opfamily', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(f.oid, ':', 0, ':', f.xmin) AS version,
             pg_catalog.age(f.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_opfamily AS f) AS of
UNION ALL
SELECT 'pg_ts_config', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(v.oid, ':', 0, ':', v.xmin) AS version,
             pg_catalog.age(v.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_ts_config AS v) AS of
UNION ALL
SELECT 'pg_ts_dict', pg_catalog.count(*) FILTER (WHERE of.is_old), pg_catalog.array_agg(of.version) FILTER (WHERE NOT of.is_old)
FROM (SELECT pg_catalog.concat(w.oid, ':', 0, ':', w.xmin) AS version,
             pg_catalog.age(w.xmin) OPERATOR(pg_catalog.>) pg_catalog.age($1::pg_catalog.xid) AS is_old
      FROM pg_catalog.pg_ts_dict AS w) AS of
UNION ALL
SELECT 'pg_roles', 0, pg_catalog.array_agg(pg_catalog.concat(r.oid, ':', r.rolname))
FROM pg_catalog.pg_roles AS r;
