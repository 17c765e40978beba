-- A commit that waits until it is on disk, and with it everything that was committed before without
-- waiting (synchronous_commit off). The message is there because a transaction that wrote nothing
-- does not wait.
SET synchronous_commit = on;
SELECT pg_catalog.pg_logical_emit_message(true, 'pgark', 'restored');
