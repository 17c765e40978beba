-- Whether the current database, template1, holds more than initdb put there, as far as a dump would take it:
-- objects, privileges of objects that initdb made, and properties of the database.
-- What initdb makes has an OID below FirstNormalObjectId, 16384 (access/transam.h), but plpgsql in a cluster that
-- pg_upgrade made. Privileges in information_schema are nobody's to dump (selectDumpableNamespace() in pg_dump.c).
-- The bootstrap superuser is role 10, pg_database_owner 6171, the schemas pg_catalog 11
-- and public 2200.
WITH members AS (
    SELECT d.classid, d.objid
    FROM pg_catalog.pg_depend AS d
    WHERE d.deptype OPERATOR(pg_catalog.=) 'e'
), in_schemas AS (
    SELECT c.tableoid AS classid, c.oid, c.relnamespace AS namespace FROM pg_catalog.pg_class AS c
    UNION ALL SELECT p.tableoid, p.oid, p.pronamespace FROM pg_catalog.pg_proc AS p
    UNION ALL SELECT t.tableoid, t.oid, t.typnamespace FROM pg_catalog.pg_type AS t
    UNION ALL SELECT o.tableoid, o.oid, o.oprnamespace FROM pg_catalog.pg_operator AS o
    UNION ALL SELECT o.tableoid, o.oid, o.opcnamespace FROM pg_catalog.pg_opclass AS o
    UNION ALL SELECT o.tableoid, o.oid, o.opfnamespace FROM pg_catalog.pg_opfamily AS o
    UNION ALL SELECT c.tableoid, c.oid, c.collnamespace FROM pg_catalog.pg_collation AS c
    UNION ALL SELECT c.tableoid, c.oid, c.connamespace FROM pg_catalog.pg_conversion AS c
    UNION ALL SELECT t.tableoid, t.oid, t.cfgnamespace FROM pg_catalog.pg_ts_config AS t
    UNION ALL SELECT t.tableoid, t.oid, t.dictnamespace FROM pg_catalog.pg_ts_dict AS t
    UNION ALL SELECT t.tableoid, t.oid, t.prsnamespace FROM pg_catalog.pg_ts_parser AS t
    UNION ALL SELECT t.tableoid, t.oid, t.tmplnamespace FROM pg_catalog.pg_ts_template AS t
    UNION ALL SELECT s.tableoid, s.oid, s.stxnamespace FROM pg_catalog.pg_statistic_ext AS s
), without_schema AS (
    SELECT a.tableoid AS classid, a.oid FROM pg_catalog.pg_am AS a
    UNION ALL SELECT c.tableoid, c.oid FROM pg_catalog.pg_cast AS c
    UNION ALL SELECT l.tableoid, l.oid FROM pg_catalog.pg_language AS l
    UNION ALL SELECT t.tableoid, t.oid FROM pg_catalog.pg_transform AS t
    UNION ALL SELECT w.tableoid, w.oid FROM pg_catalog.pg_foreign_data_wrapper AS w
    UNION ALL SELECT s.tableoid, s.oid FROM pg_catalog.pg_foreign_server AS s
    UNION ALL SELECT e.tableoid, e.oid FROM pg_catalog.pg_event_trigger AS e
    UNION ALL SELECT p.tableoid, p.oid FROM pg_catalog.pg_publication AS p
    UNION ALL SELECT a.tableoid, a.oid FROM pg_catalog.pg_default_acl AS a
    UNION ALL SELECT n.tableoid, n.oid FROM pg_catalog.pg_namespace AS n
              WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_' COLLATE pg_catalog."C"
    UNION ALL SELECT e.tableoid, e.oid FROM pg_catalog.pg_extension AS e
              WHERE e.extname OPERATOR(pg_catalog.<>) 'plpgsql'
), own AS (
    SELECT i.classid, i.oid
    FROM in_schemas AS i
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) i.namespace
    WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_' COLLATE pg_catalog."C"
      AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'
    UNION ALL
    SELECT w.classid, w.oid FROM without_schema AS w
), acl AS (
    SELECT n.tableoid AS classid, n.oid, 0 AS subid,
           pg_catalog.acldefault('n', n.nspowner) AS initial, n.nspacl AS present
    FROM pg_catalog.pg_namespace AS n
    WHERE n.oid OPERATOR(pg_catalog.=) 11::pg_catalog.oid OR n.oid OPERATOR(pg_catalog.=) 2200::pg_catalog.oid
    UNION ALL
    SELECT p.tableoid, p.oid, 0, pg_catalog.acldefault('f', p.proowner), p.proacl FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace OPERATOR(pg_catalog.=) 11::pg_catalog.oid
    UNION ALL
    SELECT t.tableoid, t.oid, 0, pg_catalog.acldefault('T', t.typowner), t.typacl FROM pg_catalog.pg_type AS t
    WHERE t.typnamespace OPERATOR(pg_catalog.=) 11::pg_catalog.oid
    UNION ALL
    SELECT l.tableoid, l.oid, 0, pg_catalog.acldefault('l', l.lanowner), l.lanacl FROM pg_catalog.pg_language AS l
    UNION ALL
    SELECT c.tableoid, c.oid, 0,
           CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN pg_catalog.acldefault('s', c.relowner)
                ELSE pg_catalog.acldefault('r', c.relowner) END,
           c.relacl
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace OPERATOR(pg_catalog.=) 11::pg_catalog.oid
    UNION ALL
    SELECT c.tableoid, c.oid, a.attnum, '{}'::pg_catalog.aclitem[], a.attacl
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
    WHERE c.relnamespace OPERATOR(pg_catalog.=) 11::pg_catalog.oid
), changed_acl AS (
    SELECT acl.oid
    FROM acl
    LEFT JOIN pg_catalog.pg_init_privs AS i
           ON i.classoid OPERATOR(pg_catalog.=) acl.classid AND i.objoid OPERATOR(pg_catalog.=) acl.oid
          AND i.objsubid OPERATOR(pg_catalog.=) acl.subid
    WHERE acl.oid OPERATOR(pg_catalog.<) 16384::pg_catalog.oid
      AND coalesce(acl.present, acl.initial) OPERATOR(pg_catalog.<>) coalesce(i.initprivs, acl.initial)
), granted AS (
    SELECT a.grantor OPERATOR(pg_catalog.=) 10::pg_catalog.oid AND NOT a.is_grantable
           AND (a.grantee OPERATOR(pg_catalog.=) 10::pg_catalog.oid
                OR (a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid
                    AND a.privilege_type OPERATOR(pg_catalog.=) 'CONNECT')) AS as_initdb_does
    FROM pg_catalog.pg_database AS d
    CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) AS a
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
)
SELECT EXISTS (SELECT FROM own
               WHERE own.oid OPERATOR(pg_catalog.>=) 16384::pg_catalog.oid
                 AND NOT EXISTS (SELECT FROM members AS m
                                 WHERE m.classid OPERATOR(pg_catalog.=) own.classid
                                   AND m.objid OPERATOR(pg_catalog.=) own.oid))
    OR EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
    OR EXISTS (SELECT FROM pg_catalog.pg_seclabel)
    OR EXISTS (SELECT FROM changed_acl)
    OR EXISTS (SELECT FROM pg_catalog.pg_namespace AS n
               WHERE n.oid OPERATOR(pg_catalog.=) 2200::pg_catalog.oid
                 AND ((n.nspowner OPERATOR(pg_catalog.<>) 10::pg_catalog.oid
                       AND n.nspowner OPERATOR(pg_catalog.<>) 6171::pg_catalog.oid)
                      OR coalesce(pg_catalog.obj_description(n.oid, 'pg_namespace'), '')
                         OPERATOR(pg_catalog.<>) 'standard public schema'))
    OR EXISTS (SELECT FROM pg_catalog.pg_database AS d
               WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
                 AND (d.datdba OPERATOR(pg_catalog.<>) 10::pg_catalog.oid
                      OR d.datconnlimit OPERATOR(pg_catalog.<>) -1
                      OR coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), '')
                         OPERATOR(pg_catalog.<>) 'default template for new databases'
                      OR EXISTS (SELECT FROM pg_catalog.pg_db_role_setting AS s
                                 WHERE s.setdatabase OPERATOR(pg_catalog.=) d.oid)
                      OR EXISTS (SELECT FROM pg_catalog.pg_shseclabel AS l
                                 WHERE l.classoid OPERATOR(pg_catalog.=) d.tableoid
                                   AND l.objoid OPERATOR(pg_catalog.=) d.oid)
                      OR EXISTS (SELECT FROM pg_catalog.pg_subscription AS s
                                 WHERE s.subdbid OPERATOR(pg_catalog.=) d.oid)))
    OR (SELECT pg_catalog.count(*) FROM granted WHERE granted.as_initdb_does) OPERATOR(pg_catalog.<>) 4
    OR (SELECT pg_catalog.count(*) FROM granted) OPERATOR(pg_catalog.<>) 4
    AS holds_more;
