-- What a database holds, in one line: two databases that print the same are taken for equal here. (The
-- tests compare row digests and schemas; a bench only must not measure a restore that left things out.)
CREATE FUNCTION pg_temp.row_count(relation regclass) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ONLY %s', relation) INTO result;
    RETURN result;
END $$;

SELECT
    count(*) FILTER (WHERE relkind IN ('r', 'p')) || ' tables, '
    || count(*) FILTER (WHERE relkind IN ('i', 'I')) || ' indexes, '
    || count(*) FILTER (WHERE relkind IN ('v', 'm', 'f', 'S', 'c')) || ' others, '
    || coalesce(sum(pg_temp.row_count(oid)) FILTER (WHERE relkind = 'r' OR relkind = 'm' AND relispopulated), 0) || ' rows, '
    || (SELECT count(*) FROM pg_constraint WHERE connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))
    || ' constraints, '
    || (SELECT count(*) FROM pg_largeobject_metadata) || ' large objects'
FROM pg_class
WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema');
