-- User mappings: dumpUserMappings() in pg_dump.c. The view hides options from who may not see them, and does
-- not say so: they may be hidden where there are none and the role is neither a superuser nor the user.
SELECT m.srvid, m.usename,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(o.option_name) OPERATOR(pg_catalog.||) ' ' OPERATOR(pg_catalog.||) pg_catalog.quote_literal(o.option_value)
           FROM pg_catalog.pg_options_to_table(m.umoptions) AS o ORDER BY o.option_name), E',\n    '),
       m.umoptions IS NULL
       AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) CURRENT_USER)
       AND m.usename OPERATOR(pg_catalog.<>) CURRENT_USER
FROM pg_catalog.pg_user_mappings AS m
ORDER BY m.srvid, m.usename;
