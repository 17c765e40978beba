-- The statements that take rights to the journal from all but its owner: default privileges may have given
-- them.
SELECT pg_catalog.format('REVOKE ALL ON %s FROM %s', g.what,
                         CASE WHEN r.rolname IS NULL THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END)
  FROM (SELECT 'SCHEMA pgark_restore', a.grantee, n.nspowner
          FROM pg_catalog.pg_namespace AS n, LATERAL pg_catalog.aclexplode(n.nspacl) AS a
         WHERE n.nspname OPERATOR(pg_catalog.=) 'pgark_restore'
         UNION ALL
        SELECT pg_catalog.format('TABLE pgark_restore.%I', c.relname), a.grantee, c.relowner
          FROM pg_catalog.pg_namespace AS n, pg_catalog.pg_class AS c,
               LATERAL pg_catalog.aclexplode(c.relacl) AS a
         WHERE n.nspname OPERATOR(pg_catalog.=) 'pgark_restore'
           AND c.relnamespace OPERATOR(pg_catalog.=) n.oid
       ) AS g (what, grantee, owner)
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) g.grantee
 WHERE g.grantee OPERATOR(pg_catalog.<>) g.owner;
