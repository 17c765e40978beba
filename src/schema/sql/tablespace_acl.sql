-- Grants on tablespaces whose grants are not the default; an empty role is PUBLIC. In the order of the ACL, in which
-- nobody grants what was not granted before.
SELECT t.spcname,
       CASE WHEN a.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN ''
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS grantee,
       a.privilege_type,
       a.is_grantable,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantor)) AS grantor
FROM pg_catalog.pg_tablespace AS t
CROSS JOIN LATERAL pg_catalog.aclexplode(t.spcacl) WITH ORDINALITY
           AS a(grantor, grantee, privilege_type, is_grantable, place)
WHERE t.spcname OPERATOR(pg_catalog.!~) '^pg_' COLLATE pg_catalog."C"
ORDER BY t.spcname, a.place;
