-- Security labels on roles and tablespaces.
SELECT CASE WHEN s.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
            THEN 'ROLE' ELSE 'TABLESPACE' END AS kind,
       pg_catalog.quote_ident(coalesce(r.rolname, t.spcname)) AS quoted,
       coalesce(r.rolname, t.spcname) AS name,
       pg_catalog.quote_ident(s.provider) AS provider,
       s.label
FROM pg_catalog.pg_shseclabel AS s
LEFT JOIN pg_catalog.pg_roles AS r
       ON s.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
      AND r.oid OPERATOR(pg_catalog.=) s.objoid AND r.rolname OPERATOR(pg_catalog.!~) '^pg_'
LEFT JOIN pg_catalog.pg_tablespace AS t
       ON s.classoid OPERATOR(pg_catalog.=) 'pg_catalog.pg_tablespace'::pg_catalog.regclass
      AND t.oid OPERATOR(pg_catalog.=) s.objoid
WHERE coalesce(r.rolname, t.spcname) IS NOT NULL
ORDER BY 1, 3, 4;
