-- Default privileges: getDefaultACLs() in pg_dump.c.
SELECT a.tableoid, a.oid, a.defaclrole, a.defaclnamespace, a.defaclobjtype, a.defaclacl,
       CASE WHEN a.defaclnamespace OPERATOR(pg_catalog.=) 0
            THEN pg_catalog.acldefault(CASE WHEN a.defaclobjtype OPERATOR(pg_catalog.=) 'S' THEN 's'::pg_catalog."char"
                                            ELSE a.defaclobjtype END, a.defaclrole)
            ELSE '{}' END
FROM pg_catalog.pg_default_acl AS a
ORDER BY a.oid;
