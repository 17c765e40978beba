-- What a database holds beyond its schema, as lines of text that are equal for equal contents: rows of every
-- table and populated materialized view, sequences, large objects, and what is not valid or not populated.
-- For psql in unaligned tuples-only mode. Rows come as their count and a sum over the MD5 of each, so that
-- their order on disk does not matter.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET search_path = '';
SET row_security = off;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET extra_float_digits = 3;
SET bytea_output = 'hex';
SET quote_all_identifiers = off;
SET xmloption = 'content';
SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false) AS encoding \gset

-- The partitions of a hash are taken together: over an enum, which row lies in which of them depends on the
-- numbers of the enum's values, and those are new in a copy.
WITH RECURSIVE hashed(oid, is_root) AS (
    SELECT partrelid, true FROM pg_catalog.pg_partitioned_table WHERE partstrat = 'h'
    UNION
    SELECT inhrelid, false FROM hashed JOIN pg_catalog.pg_inherits ON inhparent = hashed.oid
)
SELECT pg_catalog.format(
    'SELECT %L, count(*), sum((''x'' || left(h, 15))::bit(60)::bigint), sum((''x'' || right(h, 15))::bit(60)::bigint) '
    'FROM (SELECT md5("a row".*::text) FROM %s %I.%I AS "a row") AS rows(h)',
    'rows of ' || n.nspname || '.' || c.relname, CASE WHEN c.relkind <> 'p' THEN 'ONLY' END, n.nspname, c.relname
)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE (
        c.relkind IN ('r', 'm') AND c.relispopulated AND c.oid NOT IN (SELECT oid FROM hashed)
        OR c.oid IN (SELECT oid FROM hashed WHERE is_root)
    )
    AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_t'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" \gexec

SELECT pg_catalog.format(
    'SELECT %L, last_value, is_called FROM %I.%I', 'sequence ' || n.nspname || '.' || c.relname, n.nspname, c.relname
)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.relpersistence <> 't'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C" \gexec

SELECT 'materialized view ' || n.nspname || '.' || c.relname, c.relispopulated
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'm'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";

SELECT 'index that is not valid ' || n.nspname || '.' || c.relname
FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready)
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C";

SELECT 'large object ' || m.oid, pg_catalog.md5(pg_catalog.lo_get(m.oid)), pg_catalog.pg_get_userbyid(m.lomowner),
    CASE WHEN m.lomacl IS NOT NULL THEN (
        SELECT 'rights: ' || coalesce(pg_catalog.string_agg(a::text, ' ' ORDER BY a::text COLLATE "C"), 'none')
        FROM pg_catalog.unnest(m.lomacl) AS a
    ) END,
    pg_catalog.obj_description(m.oid, 'pg_largeobject')
FROM pg_catalog.pg_largeobject_metadata AS m
ORDER BY m.oid;
