-- Which process serves us. In a transaction of its own isolation level: see empty_path.sql.
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT pg_catalog.pg_backend_pid();
COMMIT;
