-- Tablespaces that were created, in a place of their own.
SELECT t.spcname,
       pg_catalog.quote_ident(t.spcname) AS quoted,
       pg_catalog.pg_get_userbyid(t.spcowner) AS owner,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(t.spcowner)) AS owner_quoted,
       pg_catalog.pg_tablespace_location(t.oid) AS location,
       pg_catalog.array_to_string(t.spcoptions, ', ') AS options,
       pg_catalog.shobj_description(t.oid, 'pg_tablespace') AS comment
FROM pg_catalog.pg_tablespace AS t
WHERE t.spcname OPERATOR(pg_catalog.!~) '^pg_'
ORDER BY t.spcname;
