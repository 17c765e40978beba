-- Those of some relations that are there, with their sizes, indexes and TOAST included, biggest first. $1 is an
-- array of quoted names.
SELECT n.name, pg_catalog.pg_total_relation_size(c.oid)
  FROM pg_catalog.unnest($1::pg_catalog.text[]) AS n (name)
  JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(n.name)::pg_catalog.oid
 ORDER BY 2 DESC, 1;
