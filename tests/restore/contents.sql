-- One line for every table, sequence and large object of the database: its name and a digest of what it
-- holds, whatever order its rows come in. A partitioned table counts as one: rows whose hash depends on
-- OIDs, of an enum's values for instance, go to another partition in every database. Of a materialized view only the number of rows counts: sums
-- of floating-point numbers depend on the order in which a refresh meets them.
SET search_path = '';
SET extra_float_digits = 3;
SET row_security = off;
SELECT pg_catalog.format(
           'SELECT %L, pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(r, 0)) FROM (%s) AS t (r)',
           c.oid::pg_catalog.regclass,
           coalesce(p.rows, 'SELECT 1::text WHERE false'))
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       LATERAL (
           SELECT pg_catalog.string_agg(
                      pg_catalog.format(
                          CASE l.relkind
                              WHEN 'S' THEN 'SELECT r.last_value::text || r.is_called FROM %s AS r'
                              WHEN 'm' THEN 'SELECT ''refreshed'' FROM %s AS r'
                              ELSE 'SELECT pg_catalog.textin(pg_catalog.record_out(r)) FROM ONLY %s AS r'
                          END,
                          l.oid::pg_catalog.regclass),
                      ' UNION ALL ')
             FROM pg_catalog.pg_class l
            WHERE l.relkind IN ('r', 'm', 'S')
              AND (l.oid = c.oid
                   OR c.relkind = 'p' AND l.oid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))
       ) AS p (rows)
 WHERE c.relkind IN ('r', 'p', 'm', 'S')
   AND NOT c.relispartition
   AND (c.relkind <> 'm' OR c.relispopulated)
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname)
\gexec
SELECT m.oid, m.lomowner::pg_catalog.regrole,
       (SELECT pg_catalog.string_agg(a::text, ' ' ORDER BY a::text) FROM pg_catalog.unnest(m.lomacl) AS a),
       pg_catalog.md5(pg_catalog.lo_get(m.oid))
  FROM pg_catalog.pg_largeobject_metadata m
 ORDER BY m.oid;
