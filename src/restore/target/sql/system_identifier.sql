-- What tells this server, and physical copies of it, from every other.
SELECT c.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() c;
