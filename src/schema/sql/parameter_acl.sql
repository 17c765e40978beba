-- Grants on configuration parameters (15 and newer); the bootstrap superuser's own (OID 10) left out, and nobody named
-- where that one granted; an empty role is PUBLIC. In the order of the ACL, in which nobody grants what was not
-- granted before.
SELECT p.parname,
       CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable,
       CASE WHEN a.grantor OPERATOR(pg_catalog.=) 10::pg_catalog.oid THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) END AS grantor
FROM pg_catalog.pg_parameter_acl AS p
CROSS JOIN LATERAL pg_catalog.aclexplode(p.paracl) WITH ORDINALITY
           AS a(grantor, grantee, privilege_type, is_grantable, place)
WHERE a.grantee OPERATOR(pg_catalog.<>) 10::pg_catalog.oid
ORDER BY p.parname, a.place;
