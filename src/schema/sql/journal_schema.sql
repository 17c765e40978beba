-- Whether there is a schema of the name that the journal of a restore has.
SELECT FROM pg_catalog.pg_namespace AS n
WHERE n.nspname OPERATOR(pg_catalog.=) 'pgark_restore';
