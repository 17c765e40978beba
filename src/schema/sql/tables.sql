-- What is needed to read each of the relations in $1 (oid[]) and to load it again.
-- in_order: the order of rows on disk matters (CLUSTERed, or a BRIN index).
-- ancestor_oids: partitioned tables above it, and tables it inherits from, at any distance.
-- root: where an ancestor is hash partitioned by an enum, rows can only be loaded through it, because
-- the hash of an enum is that of its OID (forcePartitionRootLoad() in pg_dump.c).
WITH RECURSIVE wanted AS (
    SELECT pg_catalog.unnest($1::pg_catalog.oid[]) AS oid
), ancestors AS (
    SELECT w.oid, w.oid AS ancestor, 0 AS depth FROM wanted AS w
    UNION ALL
    SELECT a.oid, i.inhparent, a.depth + 1
    FROM ancestors AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.ancestor AND c.relispartition
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.ancestor
), above AS (
    SELECT i.inhrelid AS oid, i.inhparent AS ancestor
    FROM pg_catalog.pg_inherits AS i JOIN wanted AS w ON w.oid = i.inhrelid
    UNION
    SELECT a.oid, i.inhparent FROM above AS a JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = a.ancestor
), enum_hashed AS (
    SELECT a.oid
    FROM ancestors AS a
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = a.ancestor AND p.partstrat = 'h'
    CROSS JOIN LATERAL pg_catalog.unnest(p.partclass::pg_catalog.oid[]) AS key(opclass)
    JOIN pg_catalog.pg_opclass AS o ON o.oid = key.opclass
    WHERE o.opcintype = 'pg_catalog.anyenum'::pg_catalog.regtype
), roots AS (
    SELECT DISTINCT ON (a.oid) a.oid, a.ancestor
    FROM ancestors AS a
    WHERE a.depth > 0 AND a.oid IN (SELECT e.oid FROM enum_hashed AS e)
    ORDER BY a.oid, a.depth DESC
)
SELECT c.oid,
       n.nspname,
       c.relname,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       c.relkind,
       c.relpersistence = 'u' AS unlogged,
       coalesce(m.amname = 'heap', false) AS heap,
       coalesce(pg_catalog.pg_table_size(c.oid), 0) AS size_bytes,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0)
         / pg_catalog.current_setting('block_size')::pg_catalog.int8 AS blocks,
       coalesce(columns.list, '') AS column_list,
       columns.number AS column_count,
       EXISTS (SELECT
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
               JOIN pg_catalog.pg_am AS am ON am.oid = x.relam
               WHERE i.indrelid = c.oid AND (i.indisclustered OR am.amname = 'brin')) AS in_order,
       (SELECT pg_catalog.quote_ident(rn.nspname) || '.' || pg_catalog.quote_ident(rc.relname)
        FROM roots AS r
        JOIN pg_catalog.pg_class AS rc ON rc.oid = r.ancestor
        JOIN pg_catalog.pg_namespace AS rn ON rn.oid = rc.relnamespace
        WHERE r.oid = c.oid) AS root,
       (SELECT pg_catalog.array_agg(a.ancestor) FROM above AS a WHERE a.oid = c.oid) AS ancestor_oids
FROM wanted AS w
JOIN pg_catalog.pg_class AS c ON c.oid = w.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) AS list,
           pg_catalog.count(*) AS number
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
) AS columns;
