-- The schema pgark_restore, where there is one: its oid; its owner; whether it is a restore's journal and
-- nothing else; and whether what it says may be trusted: it belongs to the user of the session or to a
-- superuser, nobody else has any right to it, and the user may read it.
--
-- Asks pg_catalog only: nothing that a user has made is looked into. The types are those of
-- restore/journal/sql/create.sql, by their fixed oids (pg_type.dat): text 25, int8 20, int4 23, bool 16,
-- timestamptz 1184.
WITH space AS (
    SELECT n.oid, n.nspowner, n.nspacl
      FROM pg_catalog.pg_namespace AS n
     WHERE n.nspname OPERATOR(pg_catalog.=) 'pgark_restore'
), wanted (name, columns, key) AS (
    VALUES ('journal', 'archive 25 t,plan 25 t,entries 20 t,began_at 1184 t,is_prepared 16 t,complete 25 t', '1'),
           ('done', 'entry 23 t,part 23 t,taken 20 f,noted_at 1184 t', '1 2')
), tables AS (
    SELECT c.oid, c.relowner, c.relacl
      FROM pg_catalog.pg_class AS c, space AS s, wanted AS w
     WHERE c.relnamespace OPERATOR(pg_catalog.=) s.oid
       AND c.relname OPERATOR(pg_catalog.=) w.name::pg_catalog.name
       AND c.relkind OPERATOR(pg_catalog.=) 'r'::pg_catalog."char"
       AND c.relpersistence OPERATOR(pg_catalog.=) 'p'::pg_catalog."char"
       AND NOT (c.relhasrules OR c.relhastriggers OR c.relispartition
                OR c.relrowsecurity OR c.relforcerowsecurity)
       AND (SELECT pg_catalog.string_agg(
                       pg_catalog.format('%s %s %s', a.attname, a.atttypid, a.attnotnull), ',' ORDER BY a.attnum)
              FROM pg_catalog.pg_attribute AS a
             WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
               AND a.attnum OPERATOR(pg_catalog.>) 0::pg_catalog.int2) OPERATOR(pg_catalog.=) w.columns
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                        WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid
                          AND (a.atthasdef OR a.attisdropped
                               OR a.attidentity OPERATOR(pg_catalog.<>) ''::pg_catalog."char"
                               OR a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char"))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef AS d WHERE d.adrelid OPERATOR(pg_catalog.=) c.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid OPERATOR(pg_catalog.=) c.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i
                        WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid
                           OR i.inhparent OPERATOR(pg_catalog.=) c.oid)
       -- the primary key; and what makes columns NOT NULL, from server 18 on
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k
                        WHERE (k.conrelid OPERATOR(pg_catalog.=) c.oid
                               OR k.confrelid OPERATOR(pg_catalog.=) c.oid)
                          AND k.contype OPERATOR(pg_catalog.<>) 'p'::pg_catalog."char"
                          AND k.contype OPERATOR(pg_catalog.<>) 'n'::pg_catalog."char")
       AND (SELECT pg_catalog.string_agg(
                       CASE WHEN i.indisprimary AND i.indexprs IS NULL AND i.indpred IS NULL
                            THEN i.indkey::pg_catalog.text ELSE '-' END, ';')
              FROM pg_catalog.pg_index AS i
             WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid) OPERATOR(pg_catalog.=) w.key
), shape AS (
    SELECT s.oid,
           (SELECT pg_catalog.count(*) FROM tables) OPERATOR(pg_catalog.=) 2::pg_catalog.int8
           -- Nothing else is in the schema: what is depends on it.
           AND (SELECT pg_catalog.count(*)
                  FROM pg_catalog.pg_depend AS d
                 WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                   AND d.refobjid OPERATOR(pg_catalog.=) s.oid) OPERATOR(pg_catalog.=) 2::pg_catalog.int8
           AND (SELECT d.description
                  FROM pg_catalog.pg_description AS d
                 WHERE d.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                   AND d.objoid OPERATOR(pg_catalog.=) s.oid
                   AND d.objsubid OPERATOR(pg_catalog.=) 0) OPERATOR(pg_catalog.=)
               'The journal of a pgark restore that has not ended. pgark restore --resume goes on with it.'
           AS is_journal
      FROM space AS s
)
SELECT s.oid,
       r.rolname,
       COALESCE(f.is_journal, false),
       (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) CURRENT_USER
                   OR r.rolname OPERATOR(pg_catalog.=) SESSION_USER)
       AND NOT EXISTS (SELECT FROM tables AS t WHERE t.relowner OPERATOR(pg_catalog.<>) s.nspowner)
       AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(s.nspacl) AS g
                        WHERE g.grantee OPERATOR(pg_catalog.<>) s.nspowner)
       AND NOT EXISTS (SELECT FROM tables AS t, LATERAL pg_catalog.aclexplode(t.relacl) AS g
                        WHERE g.grantee OPERATOR(pg_catalog.<>) s.nspowner)
       AND pg_catalog.has_schema_privilege(s.oid, 'USAGE')
       AND NOT EXISTS (SELECT FROM tables AS t WHERE NOT pg_catalog.has_table_privilege(t.oid, 'SELECT'))
  FROM space AS s, shape AS f, pg_catalog.pg_roles AS r
 WHERE r.oid OPERATOR(pg_catalog.=) s.nspowner;
