-- Bytes of a database's tables: heap and TOAST of what users own, and large objects, no indexes.
SELECT
    coalesce(sum(pg_table_size(oid)), 0) + pg_table_size('pg_largeobject')
FROM pg_class
WHERE relkind IN ('r', 'm')
    AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema');
