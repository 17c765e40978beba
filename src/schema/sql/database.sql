-- The facts of the current database. to_jsonb() reads columns that not every version has:
-- datlocprovider and datcollversion since 15, daticulocale in 15 and 16, daticurules since 16,
-- datlocale since 17.
SELECT d.datname,
       pg_catalog.pg_get_userbyid(d.datdba) AS owner,
       pg_catalog.pg_encoding_to_char(d.encoding) AS encoding,
       d.datcollate,
       d.datctype,
       coalesce(j.columns OPERATOR(pg_catalog.->>) 'datlocprovider', 'c') AS locale_provider,
       coalesce(j.columns OPERATOR(pg_catalog.->>) 'datlocale',
                j.columns OPERATOR(pg_catalog.->>) 'daticulocale') AS locale,
       j.columns OPERATOR(pg_catalog.->>) 'daticurules' AS icu_rules,
       j.columns OPERATOR(pg_catalog.->>) 'datcollversion' AS collation_version,
       t.spcname AS tablespace,
       d.datconnlimit,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
FROM pg_catalog.pg_database AS d
JOIN pg_catalog.pg_tablespace AS t ON t.oid OPERATOR(pg_catalog.=) d.dattablespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.to_jsonb(d) OPERATOR(pg_catalog.-) 'datname' OPERATOR(pg_catalog.-) 'datacl' AS columns
) AS j
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database();
