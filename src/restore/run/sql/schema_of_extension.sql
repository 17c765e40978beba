-- Whether a schema holds an extension or came with one, and whether it holds anything else. $1 is its name. What
-- is in a schema depends on it, but for what is a part of something else (`recordDependencyOn` of each kind).
SELECT EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extnamespace OPERATOR(pg_catalog.=) n.oid)
       OR EXISTS (SELECT
                    FROM pg_catalog.pg_depend d
                   WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid
                     AND d.objid OPERATOR(pg_catalog.=) n.oid
                     AND d.deptype OPERATOR(pg_catalog.=) 'e'),
       EXISTS (SELECT
                 FROM pg_catalog.pg_depend d
                WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid
                  AND d.refobjid OPERATOR(pg_catalog.=) n.oid
                  AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass::pg_catalog.oid
                  AND NOT EXISTS (SELECT
                                    FROM pg_catalog.pg_depend m
                                   WHERE m.classid OPERATOR(pg_catalog.=) d.classid
                                     AND m.objid OPERATOR(pg_catalog.=) d.objid
                                     AND m.deptype OPERATOR(pg_catalog.=) 'e'))
  FROM pg_catalog.pg_namespace n
 WHERE n.nspname OPERATOR(pg_catalog.=) $1::pg_catalog.name;
