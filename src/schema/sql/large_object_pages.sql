-- The pages of the large objects from :from_oid to :to_oid. A page holds a quarter of a block
-- (LOBLKSIZE in PostgreSQL's large_object.h).
SELECT l.loid,
       l.pageno::pg_catalog.int8 OPERATOR(pg_catalog.*)
           (pg_catalog.current_setting('block_size')::pg_catalog.int8 OPERATOR(pg_catalog./) 4) AS byte_offset,
       l.data
FROM pg_catalog.pg_largeobject AS l
WHERE l.loid OPERATOR(pg_catalog.>=) :from_oid::pg_catalog.oid
  AND l.loid OPERATOR(pg_catalog.<=) :to_oid::pg_catalog.oid
ORDER BY l.loid, l.pageno;
