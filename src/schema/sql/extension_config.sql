-- Relations that extensions declared with pg_extension_config_dump(), and their conditions;
-- refers_to_oids: the other configuration tables each refers to, which must be loaded before it
-- (processExtensionTables() in pg_dump.c).
WITH config AS (
    SELECT e.oid AS extension, item.relation, item.condition
    FROM pg_catalog.pg_extension AS e
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition))
        AS item(relation, condition)
)
SELECT config.extension,
       config.relation,
       c.relkind,
       coalesce(config.condition, '') AS condition,
       (SELECT pg_catalog.array_agg(DISTINCT k.confrelid)
        FROM pg_catalog.pg_constraint AS k
        WHERE k.contype OPERATOR(pg_catalog.=) 'f'
          AND k.conrelid OPERATOR(pg_catalog.=) config.relation
          AND k.confrelid OPERATOR(pg_catalog.<>) k.conrelid
          AND k.confrelid OPERATOR(pg_catalog.=) ANY (SELECT other.relation FROM config AS other)) AS refers_to_oids,
       c.relnamespace
FROM config
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) config.relation
ORDER BY config.extension, config.relation;
