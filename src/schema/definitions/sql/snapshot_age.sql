-- The oldest transaction that was at work when the snapshot was taken. What it and later ones wrote is young.
SELECT (pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8
        OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.text;
