-- Every operator: others name them as commutators and negators. getOperators() in pg_dump.c.
SELECT o.tableoid, o.oid, o.oprname, o.oprnamespace, o.oprowner, o.oprkind, o.oprleft, o.oprright,
       o.oprcode::pg_catalog.oid
FROM pg_catalog.pg_operator AS o
ORDER BY o.oid;
