-- The snapshot that every session of this database reads in.
SELECT pg_catalog.pg_export_snapshot();
