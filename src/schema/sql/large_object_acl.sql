-- The grants of large object $1 as role, privilege, grant option and grantor; an empty role is PUBLIC. In the order of
-- the ACL, in which nobody grants what was not granted before.
SELECT CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) AS grantor
FROM pg_catalog.pg_largeobject_metadata AS l
CROSS JOIN LATERAL pg_catalog.aclexplode(l.lomacl) WITH ORDINALITY
           AS a(grantor, grantee, privilege_type, is_grantable, place)
WHERE l.oid OPERATOR(pg_catalog.=) $1::pg_catalog.oid
ORDER BY a.place;
