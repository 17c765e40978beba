-- Everything that is like a table, and to which column a sequence belongs: getTables() in pg_dump.c.
SELECT c.tableoid, c.oid, c.relname, c.relnamespace, c.relkind, c.reltype, c.relowner, c.relchecks, c.relhasindex,
       c.relhastriggers, c.relpersistence, c.reloftype, c.relacl,
       pg_catalog.acldefault(CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN 's'::pg_catalog."char"
                                  ELSE 'r'::pg_catalog."char" END, c.relowner),
       toast.reloptions, owned.refobjid, owned.refobjsubid, owned.deptype OPERATOR(pg_catalog.=) 'i', space.spcname, c.relreplident,
       c.relrowsecurity, c.relforcerowsecurity,
       pg_catalog.array_remove(pg_catalog.array_remove(c.reloptions, 'check_option=local'),
                               'check_option=cascaded'),
       CASE WHEN 'check_option=local' OPERATOR(pg_catalog.=) ANY (c.reloptions) THEN 'LOCAL'
            WHEN 'check_option=cascaded' OPERATOR(pg_catalog.=) ANY (c.reloptions) THEN 'CASCADED' END,
       am.amname, c.relispartition
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_depend AS owned
       ON c.relkind OPERATOR(pg_catalog.=) 'S' AND owned.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass AND owned.objid OPERATOR(pg_catalog.=) c.oid
      AND owned.objsubid OPERATOR(pg_catalog.=) 0 AND owned.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
      AND owned.deptype OPERATOR(pg_catalog.=) ANY (ARRAY['a', 'i']::pg_catalog."char"[])
LEFT JOIN pg_catalog.pg_tablespace AS space ON space.oid OPERATOR(pg_catalog.=) c.reltablespace
LEFT JOIN pg_catalog.pg_am AS am ON am.oid OPERATOR(pg_catalog.=) c.relam
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid OPERATOR(pg_catalog.=) c.reltoastrelid AND toast.relkind OPERATOR(pg_catalog.=) 't' AND c.relkind OPERATOR(pg_catalog.<>) 'p'
WHERE c.relkind OPERATOR(pg_catalog.<>) ALL (ARRAY['i', 'I', 't']::pg_catalog."char"[])
ORDER BY c.oid;
