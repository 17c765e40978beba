-- The rows of the catalogs $1 in full: what server functions read of them, their version, and a digest of everything.
-- drift.sql says that something changed in these catalogs; this says whether it matters. Temporary objects do not.
WITH lasting AS MATERIALIZED (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)'
)
SELECT 'pg_proc', 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, p.oid, 0, 0, p.proname::pg_catalog.text,
       ROW(p.proname, p.pronamespace, p.prokind, p.proretset, p.prorettype, p.proargtypes, p.proallargtypes, p.proargmodes,
           p.proargnames, p.proargdefaults, p.provariadic, p.protrftypes,
           p.prosqlbody, -- since 14
           0)::pg_catalog.text,
       p.xmin::pg_catalog.text, pg_catalog.hashtextextended(p::pg_catalog.text, 0)
FROM pg_catalog.pg_proc AS p
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
WHERE 'pg_proc' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_type', 'pg_catalog.pg_type'::pg_catalog.regclass::pg_catalog.oid, t.oid, 0, 0, t.typname::pg_catalog.text,
       ROW(t.typname, t.typnamespace, t.typdefaultbin, t.typbasetype, t.typtypmod, t.typnotnull)::pg_catalog.text,
       t.xmin::pg_catalog.text, pg_catalog.hashtextextended(t::pg_catalog.text, 0)
FROM pg_catalog.pg_type AS t
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
WHERE 'pg_type' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_enum', 'pg_catalog.pg_enum'::pg_catalog.regclass::pg_catalog.oid, e.oid, 0, 0, e.enumlabel::pg_catalog.text,
       ROW(e.enumtypid, e.enumlabel)::pg_catalog.text,
       e.xmin::pg_catalog.text, pg_catalog.hashtextextended(e::pg_catalog.text, 0)
FROM pg_catalog.pg_enum AS e
WHERE 'pg_enum' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_class', 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, c.oid, 0, c.oid, c.relname::pg_catalog.text,
       ROW(c.relname, c.relnamespace, CASE WHEN c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['i', 'I']::pg_catalog."char"[]) THEN c.reloptions END)::pg_catalog.text,
       c.xmin::pg_catalog.text, pg_catalog.hashtextextended(c::pg_catalog.text, 0)
FROM pg_catalog.pg_class AS c
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE 'pg_class' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]) AND c.relkind OPERATOR(pg_catalog.<>) 't'
UNION ALL
SELECT 'pg_attribute', 'pg_catalog.pg_attribute'::pg_catalog.regclass::pg_catalog.oid, a.attrelid, a.attnum::pg_catalog.int4, a.attrelid, a.attname::pg_catalog.text,
       ROW(a.attname, a.atttypid, a.atttypmod, a.attisdropped, a.attcollation)::pg_catalog.text,
       a.xmin::pg_catalog.text, pg_catalog.hashtextextended(a::pg_catalog.text, 0)
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS of ON of.oid OPERATOR(pg_catalog.=) a.attrelid
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) of.relnamespace
WHERE 'pg_attribute' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]) AND a.attnum OPERATOR(pg_catalog.>) 0
UNION ALL
SELECT 'pg_attrdef', 'pg_catalog.pg_attrdef'::pg_catalog.regclass::pg_catalog.oid, d.oid, 0, d.adrelid, 'a default'::pg_catalog.text,
       ROW(d.adnum, d.adbin)::pg_catalog.text,
       d.xmin::pg_catalog.text, pg_catalog.hashtextextended(d::pg_catalog.text, 0)
FROM pg_catalog.pg_attrdef AS d
JOIN pg_catalog.pg_class AS of ON of.oid OPERATOR(pg_catalog.=) d.adrelid
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) of.relnamespace
WHERE 'pg_attrdef' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_rewrite', 'pg_catalog.pg_rewrite'::pg_catalog.regclass::pg_catalog.oid, r.oid, 0, r.ev_class, r.rulename::pg_catalog.text,
       ROW(r.rulename, r.ev_type, r.is_instead, r.ev_qual, r.ev_action)::pg_catalog.text,
       r.xmin::pg_catalog.text, pg_catalog.hashtextextended(r::pg_catalog.text, 0)
FROM pg_catalog.pg_rewrite AS r
JOIN pg_catalog.pg_class AS of ON of.oid OPERATOR(pg_catalog.=) r.ev_class
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) of.relnamespace
WHERE 'pg_rewrite' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_trigger', 'pg_catalog.pg_trigger'::pg_catalog.regclass::pg_catalog.oid, g.oid, 0, g.tgrelid, g.tgname::pg_catalog.text,
       ROW(g.tgname, g.tgfoid, g.tgtype, g.tgattr, g.tgargs, g.tgqual, g.tgdeferrable, g.tginitdeferred)::pg_catalog.text,
       g.xmin::pg_catalog.text, pg_catalog.hashtextextended(g::pg_catalog.text, 0)
FROM pg_catalog.pg_trigger AS g
JOIN pg_catalog.pg_class AS of ON of.oid OPERATOR(pg_catalog.=) g.tgrelid
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) of.relnamespace
WHERE 'pg_trigger' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_policy', 'pg_catalog.pg_policy'::pg_catalog.regclass::pg_catalog.oid, y.oid, 0, y.polrelid, y.polname::pg_catalog.text,
       ROW(y.polname, y.polqual, y.polwithcheck)::pg_catalog.text,
       y.xmin::pg_catalog.text, pg_catalog.hashtextextended(y::pg_catalog.text, 0)
FROM pg_catalog.pg_policy AS y
JOIN pg_catalog.pg_class AS of ON of.oid OPERATOR(pg_catalog.=) y.polrelid
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) of.relnamespace
WHERE 'pg_policy' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_constraint', 'pg_catalog.pg_constraint'::pg_catalog.regclass::pg_catalog.oid, k.oid, 0, k.conrelid, k.conname::pg_catalog.text,
       ROW(k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.conkey, k.conbin)::pg_catalog.text,
       k.xmin::pg_catalog.text, pg_catalog.hashtextextended(k::pg_catalog.text, 0)
FROM pg_catalog.pg_constraint AS k
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) k.connamespace
WHERE 'pg_constraint' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_statistic_ext', 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass::pg_catalog.oid, s.oid, 0, s.stxrelid, s.stxname::pg_catalog.text,
       ROW(s.stxname, s.stxnamespace, s.stxkind, s.stxkeys)::pg_catalog.text,
       s.xmin::pg_catalog.text, pg_catalog.hashtextextended(s::pg_catalog.text, 0)
FROM pg_catalog.pg_statistic_ext AS s
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) s.stxnamespace
WHERE 'pg_statistic_ext' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_namespace', 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid, n.oid, 0, 0, n.nspname::pg_catalog.text,
       ROW(n.nspname)::pg_catalog.text,
       n.xmin::pg_catalog.text, pg_catalog.hashtextextended(n::pg_catalog.text, 0)
FROM pg_catalog.pg_namespace AS n
JOIN lasting ON lasting.oid OPERATOR(pg_catalog.=) n.oid
WHERE 'pg_namespace' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_operator', 'pg_catalog.pg_operator'::pg_catalog.regclass::pg_catalog.oid, o.oid, 0, 0, o.oprname::pg_catalog.text,
       ROW(o.oprname, o.oprnamespace, o.oprkind, o.oprleft, o.oprright)::pg_catalog.text,
       o.xmin::pg_catalog.text, pg_catalog.hashtextextended(o::pg_catalog.text, 0)
FROM pg_catalog.pg_operator AS o
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) o.oprnamespace
WHERE 'pg_operator' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_collation', 'pg_catalog.pg_collation'::pg_catalog.regclass::pg_catalog.oid, x.oid, 0, 0, x.collname::pg_catalog.text,
       ROW(x.collname, x.collnamespace)::pg_catalog.text,
       x.xmin::pg_catalog.text, pg_catalog.hashtextextended(x::pg_catalog.text, 0)
FROM pg_catalog.pg_collation AS x
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) x.collnamespace
WHERE 'pg_collation' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_opclass', 'pg_catalog.pg_opclass'::pg_catalog.regclass::pg_catalog.oid, b.oid, 0, 0, b.opcname::pg_catalog.text,
       ROW(b.opcname, b.opcnamespace)::pg_catalog.text,
       b.xmin::pg_catalog.text, pg_catalog.hashtextextended(b::pg_catalog.text, 0)
FROM pg_catalog.pg_opclass AS b
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) b.opcnamespace
WHERE 'pg_opclass' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_opfamily', 'pg_catalog.pg_opfamily'::pg_catalog.regclass::pg_catalog.oid, f.oid, 0, 0, f.opfname::pg_catalog.text,
       ROW(f.opfname, f.opfnamespace)::pg_catalog.text,
       f.xmin::pg_catalog.text, pg_catalog.hashtextextended(f::pg_catalog.text, 0)
FROM pg_catalog.pg_opfamily AS f
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) f.opfnamespace
WHERE 'pg_opfamily' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_ts_config', 'pg_catalog.pg_ts_config'::pg_catalog.regclass::pg_catalog.oid, v.oid, 0, 0, v.cfgname::pg_catalog.text,
       ROW(v.cfgname, v.cfgnamespace)::pg_catalog.text,
       v.xmin::pg_catalog.text, pg_catalog.hashtextextended(v::pg_catalog.text, 0)
FROM pg_catalog.pg_ts_config AS v
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) v.cfgnamespace
WHERE 'pg_ts_config' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_ts_dict', 'pg_catalog.pg_ts_dict'::pg_catalog.regclass::pg_catalog.oid, w.oid, 0, 0, w.dictname::pg_catalog.text,
       ROW(w.dictname, w.dictnamespace)::pg_catalog.text,
       w.xmin::pg_catalog.text, pg_catalog.hashtextextended(w::pg_catalog.text, 0)
FROM pg_catalog.pg_ts_dict AS w
JOIN lasting AS n ON n.oid OPERATOR(pg_catalog.=) w.dictnamespace
WHERE 'pg_ts_dict' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])
UNION ALL
SELECT 'pg_roles', 0, r.oid, 0, 0, r.rolname::pg_catalog.text, r.rolname::pg_catalog.text, '', 0
FROM pg_catalog.pg_roles AS r
WHERE 'pg_roles' OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[]);
