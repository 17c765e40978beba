-- The schemas of the search path that the user has in this database, PostgreSQL's own among them, in their
-- order. It runs under that path, on which anybody may have planted anything: every function and every operator
-- is qualified.
SELECT n.oid
FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) WITH ORDINALITY AS place(name, position)
JOIN pg_catalog.pg_namespace AS n ON n.nspname OPERATOR(pg_catalog.=) place.name
ORDER BY place.position;
