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
    SELECT a.oid, i.inhparent, a.depth OPERATOR(pg_catalog.+) 1
    FROM ancestors AS a
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.ancestor AND c.relispartition
    JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) a.ancestor
), above AS (
    SELECT i.inhrelid AS oid, i.inhparent AS ancestor
    FROM pg_catalog.pg_inherits AS i JOIN wanted AS w ON w.oid OPERATOR(pg_catalog.=) i.inhrelid
    UNION
    SELECT a.oid, i.inhparent
    FROM above AS a JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) a.ancestor
), enum_hashed AS (
    SELECT a.oid
    FROM ancestors AS a
    JOIN pg_catalog.pg_partitioned_table AS p
      ON p.partrelid OPERATOR(pg_catalog.=) a.ancestor AND p.partstrat OPERATOR(pg_catalog.=) 'h'
    CROSS JOIN LATERAL pg_catalog.unnest(p.partclass::pg_catalog.oid[]) AS key(opclass)
    JOIN pg_catalog.pg_opclass AS o ON o.oid OPERATOR(pg_catalog.=) key.opclass
    WHERE o.opcintype OPERATOR(pg_catalog.=) 'pg_catalog.anyenum'::pg_catalog.regtype
), roots AS (
    SELECT DISTINCT ON (a.oid) a.oid, a.ancestor
    FROM ancestors AS a
    WHERE a.depth OPERATOR(pg_catalog.>) 0 AND a.oid OPERATOR(pg_catalog.=) ANY (SELECT e.oid FROM enum_hashed AS e)
    ORDER BY a.oid, a.depth DESC
)
SELECT c.oid,
       n.nspname,
       c.relname,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS qualified,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       c.relkind,
       c.relpersistence OPERATOR(pg_catalog.=) 'u' AS unlogged,
       coalesce(m.amname OPERATOR(pg_catalog.=) 'heap', false) AS heap,
       coalesce(pg_catalog.pg_table_size(c.oid), 0) AS size_bytes,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0)
         OPERATOR(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8 AS blocks,
       coalesce(columns.list, '') AS column_list,
       columns.number AS column_count,
       EXISTS (SELECT
               FROM pg_catalog.pg_index AS i
               JOIN pg_catalog.pg_class AS x ON x.oid OPERATOR(pg_catalog.=) i.indexrelid
               JOIN pg_catalog.pg_am AS am ON am.oid OPERATOR(pg_catalog.=) x.relam
               WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid
                 AND (i.indisclustered OR am.amname OPERATOR(pg_catalog.=) 'brin')) AS in_order,
       (SELECT pg_catalog.format('%I.%I', rn.nspname, rc.relname)
        FROM roots AS r
        JOIN pg_catalog.pg_class AS rc ON rc.oid OPERATOR(pg_catalog.=) r.ancestor
        JOIN pg_catalog.pg_namespace AS rn ON rn.oid OPERATOR(pg_catalog.=) rc.relnamespace
        WHERE r.oid OPERATOR(pg_catalog.=) c.oid) AS root,
       (SELECT pg_catalog.array_agg(a.ancestor)
        FROM above AS a
        WHERE a.oid OPERATOR(pg_catalog.=) c.oid) AS ancestor_oids
FROM wanted AS w
JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
LEFT JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.relam
CROSS JOIN LATERAL (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) AS list,
           pg_catalog.count(*) AS number
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0
      AND NOT a.attisdropped AND a.attgenerated OPERATOR(pg_catalog.=) ''
) AS columns;
