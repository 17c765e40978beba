-- What makes the operators of the schemas $1: dumpOpr() in pg_dump.c.
SELECT o.oid, o.oprcode::pg_catalog.regprocedure, o.oprleft::pg_catalog.regtype, o.oprright::pg_catalog.regtype,
       o.oprcom, o.oprnegate, o.oprrest::pg_catalog.regprocedure, o.oprjoin::pg_catalog.regprocedure,
       o.oprcanmerge, o.oprcanhash
FROM pg_catalog.pg_operator AS o
WHERE o.oprnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[]);
