-- Triggers and rules that fire although session_replication_role is replica, on tables that rows are loaded
-- into and on the partitions that the rows may be routed to. $1 is an array of quoted names; the first column
-- is a name's place in it. What is nearer to the root comes first: servers before 13.8, 14.5 and their kin let
-- a command on a partitioned table reach its partitions although it says ONLY.
WITH RECURSIVE loaded AS (
    SELECT n.place, c.oid
      FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS n (name, place)
      JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)::pg_catalog.oid
), reached AS (
    SELECT place, oid, 0 AS depth FROM loaded
    UNION ALL
    SELECT r.place, i.inhrelid, r.depth OPERATOR(pg_catalog.+) 1
      FROM reached r
      JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) r.oid
      JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.inhrelid AND c.relispartition
), firing AS (
    SELECT r.place, r.depth, r.oid, 'TRIGGER' AS kind, t.tgname AS name, t.tgenabled AS enabled
      FROM reached r JOIN pg_catalog.pg_trigger t ON t.tgrelid OPERATOR(pg_catalog.=) r.oid
    UNION ALL
    SELECT l.place, 0, l.oid, 'RULE', w.rulename, w.ev_enabled
      FROM loaded l
      JOIN pg_catalog.pg_rewrite w
        ON w.ev_class OPERATOR(pg_catalog.=) l.oid AND w.ev_type OPERATOR(pg_catalog.<>) '1'
)
SELECT f.place,
       f.kind OPERATOR(pg_catalog.=) 'RULE' AS is_rule,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.format('%s %I', f.kind, f.name),
       f.enabled OPERATOR(pg_catalog.=) 'A' AS is_always
  FROM firing f
  JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) f.oid
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
 WHERE f.enabled OPERATOR(pg_catalog.=) 'A' OR f.enabled OPERATOR(pg_catalog.=) 'R'
 ORDER BY f.place, f.depth, f.oid, f.kind, f.name;
