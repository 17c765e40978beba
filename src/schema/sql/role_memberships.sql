-- Who is a member of what. inherit_option and set_option exist since 16. The bootstrap superuser
-- (OID 10) is the grantor nobody needs to name.
SELECT role.rolname AS role,
       pg_catalog.quote_ident(role.rolname) AS role_quoted,
       member.rolname AS member,
       pg_catalog.quote_ident(member.rolname) AS member_quoted,
       CASE WHEN grantor.oid OPERATOR(pg_catalog.<>) 10 THEN grantor.rolname END AS grantor,
       CASE WHEN grantor.oid OPERATOR(pg_catalog.<>) 10
            THEN pg_catalog.quote_ident(grantor.rolname) END AS grantor_quoted,
       m.admin_option,
       (pg_catalog.to_jsonb(m) OPERATOR(pg_catalog.->>) 'inherit_option')::pg_catalog.bool AS inherit_option,
       (pg_catalog.to_jsonb(m) OPERATOR(pg_catalog.->>) 'set_option')::pg_catalog.bool AS set_option
FROM pg_catalog.pg_auth_members AS m
JOIN pg_catalog.pg_roles AS role ON role.oid OPERATOR(pg_catalog.=) m.roleid
JOIN pg_catalog.pg_roles AS member ON member.oid OPERATOR(pg_catalog.=) m.member
LEFT JOIN pg_catalog.pg_roles AS grantor ON grantor.oid OPERATOR(pg_catalog.=) m.grantor
WHERE NOT (role.rolname OPERATOR(pg_catalog.~) '^pg_' AND member.rolname OPERATOR(pg_catalog.~) '^pg_')
ORDER BY role.rolname, member.rolname, grantor.rolname;
