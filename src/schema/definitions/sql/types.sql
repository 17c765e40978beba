-- Every type, with its name as SQL: getTypes() in pg_dump.c.
SELECT t.tableoid, t.oid, t.typname, t.typnamespace, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner),
       t.typelem, t.typrelid, c.relkind, t.typtype, t.typisdefined, pg_catalog.format_type(t.oid, NULL),
       pg_catalog.substr(t.typname::pg_catalog.text, 1, 1) OPERATOR(pg_catalog.=) '_' AND t.typelem OPERATOR(pg_catalog.<>) 0
       AND COALESCE(element.typarray OPERATOR(pg_catalog.=) t.oid, false)
FROM pg_catalog.pg_type AS t
LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
LEFT JOIN pg_catalog.pg_type AS element ON element.oid OPERATOR(pg_catalog.=) t.typelem
ORDER BY t.oid;
