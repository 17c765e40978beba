-- Grants on tablespaces whose grants are not the default; an empty role is PUBLIC.
SELECT t.spcname,
       CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0 THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable
FROM pg_catalog.pg_tablespace AS t
CROSS JOIN LATERAL pg_catalog.aclexplode(t.spcacl) AS a
WHERE t.spcname OPERATOR(pg_catalog.!~) '^pg_'
ORDER BY t.spcname, 2, 3;
