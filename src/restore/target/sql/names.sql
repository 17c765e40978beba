-- What entries refer to and that belongs to the server, not to a database.
SELECT 'role', rolname FROM pg_catalog.pg_roles
UNION ALL
SELECT 'superuser', rolname FROM pg_catalog.pg_roles WHERE rolsuper
UNION ALL
SELECT 'tablespace', spcname FROM pg_catalog.pg_tablespace
UNION ALL
SELECT 'extension', name FROM pg_catalog.pg_available_extensions;
