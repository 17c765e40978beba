-- Extensions whose name matches the regular expression $1.
SELECT e.oid
FROM pg_catalog.pg_extension AS e
WHERE e.extname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog."default";
