-- What makes the base types of the schemas $1, without the arrays of others: dumpBaseType() in pg_dump.c.
SELECT t.oid, t.typlen, t.typinput::pg_catalog.regproc, t.typoutput::pg_catalog.regproc,
       t.typreceive::pg_catalog.regproc, t.typsend::pg_catalog.regproc, t.typmodin::pg_catalog.regproc,
       t.typmodout::pg_catalog.regproc, t.typanalyze::pg_catalog.regproc,
       t.typsubscript::pg_catalog.regproc, -- since 14
       '-',                                -- before 14
       t.typcategory, t.typispreferred, t.typdelim, t.typbyval, t.typalign, t.typstorage, t.typcollation OPERATOR(pg_catalog.<>) 0,
       pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault
FROM pg_catalog.pg_type AS t
WHERE t.typtype OPERATOR(pg_catalog.=) 'b' AND t.typnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type AS element
                  WHERE element.oid OPERATOR(pg_catalog.=) t.typelem AND element.typarray OPERATOR(pg_catalog.=) t.oid);
