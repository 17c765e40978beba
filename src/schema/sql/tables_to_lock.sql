-- The tables whose definition or rows a dump reads, before the schema is known: selectDumpableTable() in pg_dump.c.
-- $1: only these relations, null for all     $2: not these relations
-- $3: only these schemas, null for all       $4: not these schemas
-- Members of extensions are left out. What would make a dump fail: readable, filtered, and a schema that
-- the role may not use, which is null where it may.
SELECT c.oid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified,
       pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,
       pg_catalog.row_security_active(c.oid) AS filtered,
       CASE WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            THEN pg_catalog.quote_ident(n.nspname) END AS closed_schema
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relkind OPERATOR(pg_catalog.=) ANY (ARRAY['r', 'p']::pg_catalog."char"[])
  AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
  AND CASE WHEN $1::pg_catalog.oid[] IS NOT NULL THEN c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
           WHEN $3::pg_catalog.oid[] IS NOT NULL THEN n.oid OPERATOR(pg_catalog.=) ANY ($3::pg_catalog.oid[])
           ELSE n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema' END
  AND ($1::pg_catalog.oid[] IS NOT NULL OR n.oid OPERATOR(pg_catalog.<>) ALL ($4::pg_catalog.oid[]))
  AND c.oid OPERATOR(pg_catalog.<>) ALL ($2::pg_catalog.oid[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
                    AND d.objid OPERATOR(pg_catalog.=) c.oid AND d.deptype OPERATOR(pg_catalog.=) 'e')
ORDER BY n.nspname, c.relname;
