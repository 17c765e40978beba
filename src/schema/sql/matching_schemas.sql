-- Schemas whose name matches the regular expression $1.
SELECT n.oid
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog."default";
