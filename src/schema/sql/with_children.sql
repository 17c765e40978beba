-- The relations $1, and all that inherit from them at any distance: expand_table_name_patterns() in pg_dump.c.
WITH RECURSIVE tree AS (
    SELECT r.oid FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS r(oid)
    UNION
    SELECT i.inhrelid FROM tree
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) tree.oid
)
SELECT tree.oid FROM tree;
