-- The size of a database, by its name, $1; nothing where there is none, and no size where the user may not know
-- (`calculate_database_size`).
SELECT CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT')
            THEN pg_catalog.pg_database_size(d.oid) END
  FROM pg_catalog.pg_database d
 WHERE d.datname OPERATOR(pg_catalog.=) $1::pg_catalog.name;
