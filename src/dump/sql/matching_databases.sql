-- Databases whose name matches the regular expression $1.
SELECT d.datname
FROM pg_catalog.pg_database AS d
WHERE d.datname OPERATOR(pg_catalog.~) $1 COLLATE pg_catalog."default";
