-- User mappings: dumpUserMappings() in pg_dump.c. The view hides options from who may not see them, and does
-- not say so: they may be hidden where there are none and its conditions (system_views.sql) do not hold.
SELECT m.srvid, m.usename,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(m.umoptions) AS o ORDER BY o.option_name), E',\n    '),
       m.umoptions IS NULL
       AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)
       AND NOT CASE WHEN m.umuser OPERATOR(pg_catalog.=) 0 THEN pg_catalog.pg_has_role(s.srvowner, 'USAGE')
                    ELSE m.usename OPERATOR(pg_catalog.=) CURRENT_USER
                         AND (pg_catalog.pg_has_role(s.srvowner, 'USAGE') OR pg_catalog.has_server_privilege(m.srvid, 'USAGE')) END
FROM pg_catalog.pg_user_mappings AS m
JOIN pg_catalog.pg_foreign_server AS s ON s.oid OPERATOR(pg_catalog.=) m.srvid
ORDER BY m.srvid, m.usename;
