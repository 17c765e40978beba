-- Behind a pooler, once the server process is known to be ours for good: the path stays empty. See empty_path.sql.
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT pg_catalog.set_config('search_path', '', false);
COMMIT;
