-- The large objects that there are.
SELECT oid FROM pg_catalog.pg_largeobject_metadata;
