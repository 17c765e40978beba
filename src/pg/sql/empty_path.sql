-- The first statement of every session: no name means anything but PostgreSQL's own from here on. In a
-- transaction of its own isolation level, because a standby refuses to read under a default of serializable.
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT pg_catalog.set_config('search_path', '', false);
COMMIT;
