-- What the objects with the OIDs $2 in the catalogs $1 are.
SELECT pg_catalog.pg_describe_object(unknown.catalog, unknown.oid, 0)
FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.oid[]), pg_catalog.unnest($2::pg_catalog.oid[])) AS unknown(catalog, oid)
ORDER BY 1;
