-- The grants of large object $1 as role, privilege and grant option; an empty role is PUBLIC.
SELECT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0 THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable
FROM pg_catalog.pg_largeobject_metadata AS l
CROSS JOIN LATERAL pg_catalog.aclexplode(l.lomacl) AS a
WHERE l.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
ORDER BY 1, 2;
