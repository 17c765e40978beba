-- One line for every table, sequence and large object of the database: its name and a digest of what it
-- holds, whatever order its rows come in. A partitioned table counts as one: rows whose hash depends on
-- OIDs, of an enum's values for instance, go to another partition in every database.
SET search_path = '';
SET extra_float_digits = 3;
SET row_security = off;
SELECT pg_catalog.format(
           'SELECT %L, pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(%s, 0)) FROM %s %s AS r',
           c.oid::pg_catalog.regclass,
           CASE c.relkind WHEN 'S' THEN 'r.last_value::text || r.is_called' ELSE 'pg_catalog.textin(pg_catalog.record_out(r))' END,
           CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY' END,
           c.oid::pg_catalog.regclass)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'S')
   AND NOT c.relispartition
   AND (c.relkind <> 'm' OR c.relispopulated)
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(c.relname)
\gexec
SELECT m.oid, m.lomowner::pg_catalog.regrole, (SELECT pg_catalog.string_agg(a::text, ' ' ORDER BY a::text) FROM pg_catalog.unnest(m.lomacl) AS a),
       pg_catalog.md5(pg_catalog.lo_get(m.oid))
  FROM pg_catalog.pg_largeobject_metadata m
 ORDER BY m.oid;
