-- Which dictionaries the text search configurations in the schemas $1 ask for which token.
SELECT m.mapcfg,
       (SELECT token.alias FROM pg_catalog.ts_token_type(c.cfgparser) AS token
        WHERE token.tokid OPERATOR(pg_catalog.=) m.maptokentype),
       m.mapdict::pg_catalog.regdictionary
FROM pg_catalog.pg_ts_config_map AS m
JOIN pg_catalog.pg_ts_config AS c ON c.oid OPERATOR(pg_catalog.=) m.mapcfg
WHERE c.cfgnamespace OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.oid[])
ORDER BY m.mapcfg, m.maptokentype, m.mapseqno;
