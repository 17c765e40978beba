-- Settings of every session that reads data, as setup_connection() in pg_dump.c makes them, so that
-- the text of values depends neither on the role nor on the server's configuration. Time zone and bytea's
-- form are ours: the same rows must have the same digest, and large objects are read as hexadecimal. Queries of
-- the catalogs of many tables would start the compiler, which takes longer than they do, and parallel workers, each of
-- which would fill its own cache of relations for the functions that write definitions.
SET DateStyle = 'ISO';
SET IntervalStyle = 'postgres';
SET extra_float_digits = 3;
SET bytea_output = 'hex';
SET TimeZone = 'UTC';
SET synchronize_seqscans = off;
SET row_security = off;
SET standard_conforming_strings = on;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SELECT pg_catalog.set_config(s.name, s.value, false)
FROM (VALUES ('idle_session_timeout', '0'),
             ('transaction_timeout', '0'),
             ('restrict_nonsystem_relation_kind', 'view, foreign-table'),
             ('quote_all_identifiers', 'off')) AS s(name, value)
WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL;
