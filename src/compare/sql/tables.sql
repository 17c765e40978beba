-- Tables with rows of their own: what is needed to read them in parts. The condition is that of an
-- extension's configuration table, and NULL for all others.
SELECT n.nspname,
       c.relname,
       coalesce(m.amname OPERATOR(pg_catalog.=) 'heap', false) AS heap,
       coalesce(pg_catalog.pg_table_size(c.oid), 0) AS size_bytes,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0)
         OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8 AS blocks,
       config.condition
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.relam
  LEFT JOIN (
    SELECT item.relation, coalesce(item.condition, '') AS condition
      FROM pg_catalog.pg_extension AS e
     CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition))
           AS item(relation, condition)
  ) AS config ON config.relation OPERATOR(pg_catalog.=) c.oid
 WHERE c.relkind OPERATOR(pg_catalog.=) 'r'
   AND n.nspname OPERATOR(pg_catalog.<>) ALL (ARRAY['pg_catalog', 'information_schema'])
   AND n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast|temp)';
