-- The sequences among the relations in $1 (oid[]), as they are written in SQL. A standby does not have
-- the unlogged ones.
SELECT c.oid,
       n.nspname,
       c.relname,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       pg_catalog.has_sequence_privilege(c.oid, 'SELECT') AS readable,
       CASE WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
            THEN pg_catalog.quote_ident(n.nspname) END AS closed_schema
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.oid OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]) AND c.relkind OPERATOR(pg_catalog.=) 'S'
  AND NOT (c.relpersistence OPERATOR(pg_catalog.=) 'u' AND pg_catalog.pg_is_in_recovery())
ORDER BY n.nspname, c.relname;
