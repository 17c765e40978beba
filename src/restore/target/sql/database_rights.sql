-- What a user that is no superuser may do in this database, one right a row: what, and on what.
SELECT 'create', ''
 WHERE pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
UNION ALL
SELECT 'create as', r.rolname
  FROM pg_catalog.pg_roles AS r
 WHERE pg_catalog.pg_has_role(r.oid, 'USAGE')
   AND pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CREATE')
UNION ALL
SELECT 'extension', e.extname FROM pg_catalog.pg_extension AS e
UNION ALL
SELECT 'own extension', e.extname
  FROM pg_catalog.pg_extension AS e
 WHERE pg_catalog.pg_has_role(e.extowner, 'USAGE')
UNION ALL
SELECT 'wrapper', w.fdwname FROM pg_catalog.pg_foreign_data_wrapper AS w
UNION ALL
SELECT 'use wrapper', w.fdwname
  FROM pg_catalog.pg_foreign_data_wrapper AS w
 WHERE pg_catalog.has_foreign_data_wrapper_privilege(w.oid, 'USAGE')
UNION ALL
-- Schemas, and of the roles that the user may act as those that may create in them.
SELECT 'schema', n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_'
UNION ALL
SELECT 'create in ' OPERATOR(pg_catalog.||) n.nspname, r.rolname
  FROM pg_catalog.pg_namespace AS n, pg_catalog.pg_roles AS r
 WHERE n.nspname OPERATOR(pg_catalog.!~) '^pg_'
   AND pg_catalog.pg_has_role(r.oid, 'USAGE')
   AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE')
UNION ALL
SELECT 'own schema', n.nspname
  FROM pg_catalog.pg_namespace AS n
 WHERE pg_catalog.pg_has_role(n.nspowner, 'USAGE');
