-- What ANALYZE or VACUUM may name so that no foreign server is asked. ANALYZE of a parent takes a sample of
-- all its descendants, of foreign tables too (acquire_inherited_sample_rows); ONLY, which it has from 18, does
-- not change that. In the place of such a parent come the parts of its partition tree that have no foreign
-- table in them. $1 is an array of quoted names.
WITH RECURSIVE named AS (
    SELECT c.oid
      FROM pg_catalog.unnest($1::pg_catalog.text[]) AS n (name)
      JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)::pg_catalog.oid
), tree AS (
    SELECT oid, true AS is_named FROM named
    UNION
    SELECT i.inhrelid, false
      FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) t.oid
), asking AS (
    -- Foreign tables and what they descend from. A wrapper without a handler has no server to ask.
    SELECT t.oid, w.fdwhandler OPERATOR(pg_catalog.<>) 0::pg_catalog.oid AS has_handler
      FROM tree t
      JOIN pg_catalog.pg_foreign_table f ON f.ftrelid OPERATOR(pg_catalog.=) t.oid
      JOIN pg_catalog.pg_foreign_server s ON s.oid OPERATOR(pg_catalog.=) f.ftserver
      JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid OPERATOR(pg_catalog.=) s.srvfdw
    UNION
    SELECT i.inhparent, a.has_handler
      FROM asking a JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) a.oid
), ask AS (
    SELECT oid, pg_catalog.bool_or(has_handler) AS has_handler FROM asking GROUP BY oid
), found AS (
    SELECT oid, pg_catalog.bool_or(is_named) AS is_named FROM tree GROUP BY oid
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname),
       c.relkind OPERATOR(pg_catalog.=) 'r' AND c.relhassubclass AS is_plain_parent,
       ask.oid IS NOT NULL AS asks,
       COALESCE(ask.has_handler, false)
  FROM found
  JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) found.oid
  JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
  LEFT JOIN ask ON ask.oid OPERATOR(pg_catalog.=) c.oid
 WHERE c.relkind OPERATOR(pg_catalog.<>) 'f'
   AND (ask.oid IS NOT NULL
        OR found.is_named
        OR (c.relispartition
            AND EXISTS (SELECT
                          FROM pg_catalog.pg_inherits i
                          JOIN ask a ON a.oid OPERATOR(pg_catalog.=) i.inhparent
                         WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid)))
 ORDER BY c.oid;
