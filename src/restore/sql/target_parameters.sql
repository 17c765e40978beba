-- The parameters that the target server knows.
SELECT pg_catalog.lower(s.name) FROM pg_catalog.pg_settings AS s;
