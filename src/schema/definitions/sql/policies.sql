-- The row-security policies of the relations $1: getPolicies() in pg_dump.c. Roles in the order of their names.
SELECT p.tableoid, p.oid, p.polrelid, p.polname, p.polcmd, p.polpermissive,
       CASE WHEN p.polroles OPERATOR(pg_catalog.<>) '{0}'
            THEN pg_catalog.array_to_string(ARRAY(
                SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_roles AS r
                WHERE r.oid OPERATOR(pg_catalog.=) ANY (p.polroles) ORDER BY r.rolname), ', ') END,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS wanted(oid)
JOIN pg_catalog.pg_policy AS p ON p.polrelid OPERATOR(pg_catalog.=) wanted.oid
ORDER BY p.oid;
