-- Grants on configuration parameters (15 and newer); the bootstrap superuser's own left out;
-- an empty role is PUBLIC.
SELECT p.parname,
       CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0 THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable
FROM pg_catalog.pg_parameter_acl AS p
CROSS JOIN LATERAL pg_catalog.aclexplode(p.paracl) AS a
WHERE a.grantee OPERATOR(pg_catalog.<>) 10
ORDER BY p.parname, 2, 3;
