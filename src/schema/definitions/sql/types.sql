-- Every type, with its name as SQL: getTypes() in pg_dump.c. format_type() looks into many catalogs; rows of relations
-- and their arrays, two for each table, get by without.
SELECT t.tableoid, t.oid, t.typname, t.typnamespace, t.typowner, t.typacl, pg_catalog.acldefault('T', t.typowner),
       t.typelem, t.typrelid, c.relkind, t.typtype, t.typisdefined,
       CASE WHEN t.typrelid OPERATOR(pg_catalog.>=) 16384 AND n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
            THEN pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) pg_catalog.quote_ident(t.typname)
            WHEN element.typarray OPERATOR(pg_catalog.=) t.oid AND element.typrelid OPERATOR(pg_catalog.>=) 16384 AND n.nspname OPERATOR(pg_catalog.<>) 'pg_catalog'
            THEN pg_catalog.quote_ident(n.nspname) OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) pg_catalog.quote_ident(element.typname)
                 OPERATOR(pg_catalog.||) '[]'
            ELSE pg_catalog.format_type(t.oid, NULL) END,
       pg_catalog.substr(t.typname::pg_catalog.text, 1, 1) OPERATOR(pg_catalog.=) '_' AND t.typelem OPERATOR(pg_catalog.<>) 0
       AND COALESCE(element.typarray OPERATOR(pg_catalog.=) t.oid, false)
FROM pg_catalog.pg_type AS t
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace
LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.typrelid
LEFT JOIN pg_catalog.pg_type AS element ON element.oid OPERATOR(pg_catalog.=) t.typelem
ORDER BY t.oid;
