-- Every large object with its owner, grants and comment. Ordered so that runs of one owner and one set of
-- grants stay together.
SELECT l.oid,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(l.lomowner)) AS owner,
       l.lomacl::pg_catalog.text AS acl,
       pg_catalog.obj_description(l.oid, 'pg_largeobject') AS comment
FROM pg_catalog.pg_largeobject_metadata AS l
ORDER BY owner, acl, l.oid;
