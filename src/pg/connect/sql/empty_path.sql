-- The first statement of every session: no name means anything but PostgreSQL's own from here on. In a
-- transaction of its own isolation level, because a standby refuses to read under a default of serializable.
-- Where the server process is not the one of the startup (`KNOWN_PID`) a pooler is in between, and the path is empty
-- for this transaction only: the process may be somebody else's in the next one.
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;
SELECT pg_catalog.set_config('search_path', '',
           pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) 'KNOWN_PID'::pg_catalog.int4),
       pg_catalog.pg_backend_pid();
COMMIT;
